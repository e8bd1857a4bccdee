/** What a login remembers between its pages: one entry per visit, gone with it. */
import { timingSafeEqual } from 'node:crypto';
import type { LoginMemory, LoginVisit } from '../login-port.ts';
import type { UpstreamAttempt } from './upstream.ts';

export interface LoginProgress {
  readonly csrf: string;
  /** `LoginVisit.path`. */
  readonly path: string;
  /** How often consent was given at this visit. */
  readonly tries: number;
  /** Set by consent: without it no state exists that a callback could bring. */
  readonly attempt?: UpstreamAttempt;
  readonly isDenied?: boolean;
}

const kind = 'LoginProgress';

/** More than a person needs: each try costs the store a write and the provider a request. */
export const maxTries = 10;

/** `state` of a login: names its visit, and is known only to who was sent to the provider from there. */
export function toState(uid: string, secret: string): string {
  return `${uid}.${secret}`;
}

/** The progress that `state` belongs to; `undefined` when none waits for it. Takes nothing. */
export async function findProgress(memory: LoginMemory, state: string): Promise<LoginProgress | undefined> {
  const progress = await readProgress(memory, state.slice(0, Math.max(0, state.indexOf('.'))));
  return progress !== undefined && isExpected(progress, state) ? progress : undefined;
}

export async function readProgress(memory: LoginMemory, uid: string): Promise<LoginProgress | undefined> {
  return uid === '' ? undefined : parseProgress(await memory.read(kind, uid));
}

/** Reads and forgets: at most one caller gets it. */
export async function takeProgress(memory: LoginMemory, uid: string): Promise<LoginProgress | undefined> {
  return parseProgress(await memory.take(kind, uid));
}

export async function writeProgress(
  memory: LoginMemory,
  { uid, expiresAtMs }: LoginVisit,
  progress: LoginProgress,
): Promise<void> {
  await memory.write(kind, uid, { text: JSON.stringify(progress), expiresAtMs });
}

/** Whether the visit waits for exactly this state. */
export function isExpected({ attempt }: LoginProgress, state: string): boolean {
  return attempt !== undefined && isSame(attempt.state, state);
}

/** Compares secrets in a time that does not depend on where they differ. */
export function isSame(expected: string, got: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(got)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The text is our own, sealed and bound to its name; another version's is none. */
function parseProgress(text: string | undefined): LoginProgress | undefined {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  return isProgress(value) ? value : undefined;
}

function isProgress(value: unknown): value is LoginProgress {
  return typeof value === 'object' && value !== null && 'csrf' in value && 'path' in value && 'tries' in value;
}
