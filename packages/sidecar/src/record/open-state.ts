import { createTree, fromHex, hashLeaf, toHex, type Tree } from '@tachograph/archive';
import type { StoredRecord } from '@tachograph/protocol';
import { nodeCrypto } from './node-crypto.ts';
import { OpenRequests, type OpenRequest } from './open-requests.ts';

/** An open session with what its Merkle root needs to go on. */
export interface SessionState {
  readonly session: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** Hex roots of the perfect subtrees, largest first. */
  readonly peaks: readonly string[];
}

/** An open session as `stream.resume` names it. */
export interface SessionSummary {
  readonly session: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** Hex RFC 6962 root over its line hashes. */
  readonly root: string;
}

/** What is open at some point of a stream: kept beside the segments, so that a later start can name it. */
export interface OpenState {
  readonly requests: readonly OpenRequest[];
  readonly sessions: readonly SessionState[];
}

export function toSessionState(session: string, tree: Tree, bounds: { first: number; last: number }): SessionState {
  const { size, peaks } = tree.state();
  return { session, first: bounds.first, last: bounds.last, count: size, peaks: peaks.map(toHex) };
}

/** Reads a state that an earlier start wrote; `undefined` when it is none. */
export function parseOpenState(value: unknown): OpenState | undefined {
  if (!isObject(value) || !Array.isArray(value['requests']) || !Array.isArray(value['sessions'])) return undefined;
  const requests = value['requests'].filter(isRequest);
  const sessions = value['sessions'].filter(isSession);
  const isWhole = requests.length === value['requests'].length && sessions.length === value['sessions'].length;
  return isWhole ? { requests, sessions } : undefined;
}

/** Follows a stream that is gone, line by line, from a known state. */
export class OpenStateReplay {
  readonly #requests = new OpenRequests();
  readonly #sessions = new Map<string, { readonly tree: Tree; readonly first: number; last: number }>();

  constructor(from: OpenState) {
    for (const request of from.requests) this.#requests.restore(request);
    for (const { session, first, last, count, peaks } of from.sessions) {
      const raw = peaks.map((peak) => fromHex(peak) ?? new Uint8Array());
      this.#sessions.set(session, { tree: createTree(nodeCrypto, { size: count, peaks: raw }), first, last });
    }
  }

  observe(record: StoredRecord, lineHash: string): void {
    this.#requests.observe(record.seq, record);
    const { session: id, seq } = record;
    if (id === undefined) return;
    if (record.kind === 'session.close') {
      this.#sessions.delete(id);
      return;
    }
    const session = this.#sessions.get(id) ?? { tree: createTree(nodeCrypto), first: seq, last: -1 };
    if (seq <= session.last) return;
    session.tree.append(hashLeaf(nodeCrypto, Buffer.from(lineHash, 'hex')));
    session.last = seq;
    this.#sessions.set(id, session);
  }

  get requests(): readonly OpenRequest[] {
    return this.#requests.list();
  }

  get state(): OpenState {
    const sessions = [...this.#sessions].map(([id, { tree, first, last }]) =>
      toSessionState(id, tree, { first, last }),
    );
    return { requests: this.requests, sessions };
  }

  get summaries(): readonly SessionSummary[] {
    return [...this.#sessions].map(([session, { tree, first, last }]) => ({
      session,
      count: tree.size,
      first,
      last,
      root: toHex(tree.root()),
    }));
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isRequest(value: unknown): value is OpenRequest {
  return isObject(value) && Number.isSafeInteger(value['seq']) && typeof value['id'] === 'string';
}

function isSession(value: unknown): value is SessionState {
  if (!isObject(value) || typeof value['session'] !== 'string' || !Array.isArray(value['peaks'])) return false;
  const { count, peaks } = value;
  return typeof count === 'number' && onesOf(count) === peaks.length && peaks.every(isHash);
}

function isHash(peak: unknown): boolean {
  return typeof peak === 'string' && /^[0-9a-f]{64}$/.test(peak);
}

/** A tree of this size has as many peaks. */
function onesOf(count: number): number {
  return count.toString(2).replaceAll('0', '').length;
}
