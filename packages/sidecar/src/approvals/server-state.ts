/**
 * A server's own request state (`mcp.md` §4), wrapped towards the client: only the caller that it was given to can carry
 * it back, for the same call. The server gets its own bytes.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { isJsonObject } from '@tachograph/protocol';

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

export interface ServerStates {
  seal(binding: ServerStateBinding, state: string, nowMs: number): string;
  /** The server's bytes; `undefined` for anything that was not sealed for exactly this, or is over. Never throws. */
  open(binding: ServerStateBinding, sealed: string, nowMs: number): string | undefined;
}

const prefix = 'tachograph.2.';
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
      const cipher = createCipheriv('aes-256-gcm', stateKey(key() ?? own), nonce).setAAD(associated(binding));
      const text = JSON.stringify({ state, expiresMs: nowMs + lifeMs });
      const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
      return prefix + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open(binding, sealed, nowMs) {
      if (!sealed.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
      if (bytes.length <= nonceBytes + tagBytes) return undefined;
      const shared = key();
      return (
        (shared === undefined ? undefined : opened(shared, binding, bytes, nowMs)) ?? opened(own, binding, bytes, nowMs)
      );
    },
  };
}

function opened(key: Uint8Array, binding: ServerStateBinding, bytes: Buffer, nowMs: number): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', stateKey(key), bytes.subarray(0, nonceBytes))
      .setAAD(associated(binding))
      .setAuthTag(bytes.subarray(-tagBytes));
    const content = bytes.subarray(nonceBytes, -tagBytes);
    const value: unknown = JSON.parse(Buffer.concat([decipher.update(content), decipher.final()]).toString());
    if (!isJsonObject(value) || typeof value['state'] !== 'string' || typeof value['expiresMs'] !== 'number')
      return undefined;
    return value['expiresMs'] > nowMs ? value['state'] : undefined;
  } catch {
    return undefined;
  }
}

function stateKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'tachograph/server-state/v1', 32));
}

function associated({ workload, method, target, iss, sub, clientId }: ServerStateBinding): Buffer {
  return Buffer.from(JSON.stringify([workload, method, target, iss, sub, clientId ?? null]));
}
