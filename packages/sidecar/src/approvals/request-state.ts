/** The state that a client of the stateless era carries back with its retry: sealed, and good for this caller and call only. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { isJsonObject } from '@tachograph/protocol';

/** What the seal holds. It grants nothing: the grant is at the controller, under the digest. */
export interface RequestState {
  readonly approval: string;
  readonly digest: string;
  readonly expiresMs: number;
  /** How often the client has been asked to come back. */
  readonly round: number;
}

/** What a state is bound to beside its content. */
export interface StateBinding {
  readonly workload: string;
  readonly tool: string;
  readonly iss: string;
  readonly sub: string;
  readonly clientId: string | undefined;
  /** Hex SHA-256 of the bundle's content. */
  readonly bundle: string;
}

const prefix = 'tachograph.1.';
const nonceBytes = 12;
const tagBytes = 16;
const longestState = 2048;

/** Whether a state is one of ours, or says so: then it is never for the server. */
export function isOwnState(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(prefix);
}

/** AES-256-GCM under a key of its own, derived from the workload's approval key. */
export function sealState(key: Uint8Array, binding: StateBinding, state: RequestState): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', stateKey(key), nonce).setAAD(associated(binding, nonce));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(state)), cipher.final()]);
  return prefix + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** `undefined` for anything that was not sealed for exactly this, or has expired. Never throws. */
export function openState(
  key: Uint8Array,
  binding: StateBinding,
  sealed: string,
  nowMs: number,
): RequestState | undefined {
  if (!isOwnState(sealed) || sealed.length > longestState) return undefined;
  const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
  if (bytes.length <= nonceBytes + tagBytes) return undefined;
  const nonce = bytes.subarray(0, nonceBytes);
  try {
    const decipher = createDecipheriv('aes-256-gcm', stateKey(key), nonce)
      .setAAD(associated(binding, nonce))
      .setAuthTag(bytes.subarray(-tagBytes));
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString();
    const state = toState(JSON.parse(text));
    return state !== undefined && state.expiresMs > nowMs ? state : undefined;
  } catch {
    return undefined;
  }
}

function stateKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'tachograph/request-state/v1', 32));
}

function associated({ workload, tool, iss, sub, clientId, bundle }: StateBinding, nonce: Buffer): Buffer {
  return Buffer.from(JSON.stringify([workload, tool, iss, sub, clientId ?? null, bundle, nonce.toString('base64url')]));
}

function toState(value: unknown): RequestState | undefined {
  if (!isJsonObject(value)) return undefined;
  const { approval, digest, expiresMs, round } = value;
  if (typeof approval !== 'string' || typeof digest !== 'string') return undefined;
  return typeof expiresMs === 'number' && typeof round === 'number'
    ? { approval, digest, expiresMs, round }
    : undefined;
}
