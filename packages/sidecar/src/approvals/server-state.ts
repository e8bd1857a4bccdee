/**
 * A server's own request state (`mcp.md` §4), wrapped towards the client: only the caller that it was given to can carry
 * it back, for the same call. The server gets its own bytes.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@tachograph/protocol';

/** Whose state it is, and of which call. */
export interface ServerStateBinding {
  readonly workload: string;
  readonly method: string;
  /** Tool, prompt or resource. */
  readonly target: string;
  readonly iss: string;
  readonly sub: string;
  readonly clientId: string | undefined;
}

/** `state`: the server's own bytes. */
export type OpenedServerState =
  | { readonly kind: 'opened'; readonly state: string }
  | { readonly kind: 'bad' | 'foreign' };

export interface ServerStates {
  seal(binding: ServerStateBinding, state: string, nowMs: number): string;
  /** `foreign`: it was sealed for another caller. `bad`: for another call, not here, or too long ago. Never throws. */
  open(binding: ServerStateBinding, sealed: string, nowMs: number): OpenedServerState;
}

const prefix = 'tachograph.3.';
const nonceBytes = 12;
const tagBytes = 16;
/** People may take their time over what a server asks. */
const lifeMs = 86_400_000;

/**
 * `key`: the workload's approval key, which all its pods have. Until it is there, and without a controller, a key of this
 * process stands in: after its end, chains begin anew.
 */
export function createServerStates(key: () => Uint8Array | undefined): ServerStates {
  const own = randomBytes(32);
  return {
    seal(binding, state, nowMs) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', stateKey(key() ?? own), nonce);
      const text = JSON.stringify({
        state,
        expiresMs: nowMs + lifeMs,
        caller: callerOf(binding),
        call: callOf(binding),
      });
      const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
      return prefix + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open(binding, sealed, nowMs) {
      if (!sealed.startsWith(prefix)) return bad;
      const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
      if (bytes.length <= nonceBytes + tagBytes) return bad;
      const shared = key();
      const value = (shared === undefined ? undefined : unsealed(shared, bytes)) ?? unsealed(own, bytes);
      return value === undefined ? bad : judged(value, binding, nowMs);
    },
  };
}

const bad: OpenedServerState = { kind: 'bad' };

function judged(value: JsonObject, binding: ServerStateBinding, nowMs: number): OpenedServerState {
  const { state, expiresMs } = value;
  if (typeof state !== 'string' || typeof expiresMs !== 'number' || expiresMs <= nowMs) return bad;
  if (value['caller'] !== callerOf(binding)) return { kind: 'foreign' };
  return value['call'] === callOf(binding) ? { kind: 'opened', state } : bad;
}

function unsealed(key: Uint8Array, bytes: Buffer): JsonObject | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', stateKey(key), bytes.subarray(0, nonceBytes)).setAuthTag(
      bytes.subarray(-tagBytes),
    );
    const content = bytes.subarray(nonceBytes, -tagBytes);
    const value: unknown = JSON.parse(Buffer.concat([decipher.update(content), decipher.final()]).toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function stateKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'tachograph/server-state/v1', 32));
}

function callerOf({ iss, sub, clientId }: ServerStateBinding): string {
  return hash('sha256', JSON.stringify([iss, sub, clientId ?? null]));
}

function callOf({ workload, method, target }: ServerStateBinding): string {
  return hash('sha256', JSON.stringify([workload, method, target]));
}
