/** One entry as it is written: the `spec` of an `McpLogin`, or the content of a file. */
import type { NewLoginEntry } from '@tachograph/authserver';
import { ControllerError } from '../controller-error.ts';
import { isObject } from '../state/state-json.ts';
import { isDigest, loginIndexes } from './login-keeper.ts';

/** `expiresAt` is RFC 3339; index values are hex digests. */
export interface LoginSpec {
  readonly kind: string;
  readonly data: string;
  readonly expiresAt: string;
  readonly grant?: string;
  readonly uid?: string;
  readonly subject?: string;
}

/** Throws `internal` for what no name can be made of: the auth server derives keys, no caller does. */
export function toLoginSpec(key: string, { kind, data, expiresAtMs, grant, uid, subject }: NewLoginEntry): LoginSpec {
  const indexes = {
    ...(grant === undefined ? {} : { grant }),
    ...(uid === undefined ? {} : { uid }),
    ...(subject === undefined ? {} : { subject }),
  };
  if (![key, ...Object.values(indexes)].every(isDigest))
    throw new ControllerError('internal', 'expected hex digests as key and index values of login state');
  return { kind, data, expiresAt: new Date(expiresAtMs).toISOString(), ...indexes };
}

/** `undefined`: not as it is written. */
export function parseLoginSpec(value: unknown): NewLoginEntry | undefined {
  if (!isObject(value)) return undefined;
  const { kind, data, expiresAt } = value;
  if (typeof kind !== 'string' || typeof data !== 'string' || typeof expiresAt !== 'string') return undefined;
  const expiresAtMs = Date.parse(expiresAt);
  if (Number.isNaN(expiresAtMs)) return undefined;
  const indexes = loginIndexes.flatMap((name) => {
    const text = value[name];
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return { kind, data, expiresAtMs, ...Object.fromEntries(indexes) };
}
