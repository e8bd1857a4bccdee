/** Keys of the auth server in one Secret, the same for all replicas, each followed by another in time. */
import { randomBytes } from 'node:crypto';
import type { AuthKeys } from '@tachograph/authserver';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { sha256Hex } from '../keys/node-crypto.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import { isObject, parseObject } from '../state/state-json.ts';
import { byUse, rotate, type DatedKey, type RotationPlan } from './rotation.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Every replica reads the Secret this often; a key is announced for longer. */
export const readKeysEveryMs = 30_000;

/**
 * Sidecars that cannot ask know a key set for an hour: a signing key is announced for two. Tokens live for minutes. What
 * is sealed lives for at most 90 days from its last use, and is then sealed by the key of that day.
 */
const plans = {
  signing: { everyMs: 30 * dayMs, announceMs: 2 * hourMs, keepMs: dayMs },
  sealing: { everyMs: 90 * dayMs, announceMs: 10 * minuteMs, keepMs: 100 * dayMs },
  cookies: { everyMs: 30 * dayMs, announceMs: 10 * minuteMs, keepMs: dayMs },
} as const satisfies Readonly<Record<string, RotationPlan>>;

type Jwk = AuthKeys['signing'][number]['jwk'];

interface Keyring {
  readonly signing: readonly DatedKey<Jwk>[];
  /** Base64 of 32 bytes. */
  readonly sealing: readonly DatedKey<string>[];
  readonly cookies: readonly DatedKey<string>[];
}

/** The keys as this replica last read them. */
export interface AuthKeyring {
  /** The same object while nothing has changed. */
  keys(): AuthKeys;
  /** Reads the Secret, makes it at the first start or after its removal, and adds or drops what is due. Answers whether something changed. */
  refresh(): Promise<boolean>;
}

export interface AuthKeyringOptions {
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Makes a private ES256 key with a `kid`. */
  readonly createJwk: () => Jwk;
}

/** Rejects when the Secret can be neither read nor made. */
export async function loadAuthKeyring({ secrets, clock, createJwk }: AuthKeyringOptions): Promise<AuthKeyring> {
  const read = async (): Promise<Read> => readKeyring(secrets, clock.nowMs(), createJwk);
  let ring = await read();
  let made: { readonly keys: AuthKeys; readonly digest: string } | undefined;
  return {
    keys() {
      const now = clock.nowMs();
      const digest = `${ring.version} ${inUse(ring.keys, now)}`;
      if (made?.digest !== digest) made = { digest, keys: toAuthKeys(ring.keys, now) };
      return made.keys;
    },
    async refresh() {
      const before = ring.version;
      ring = await read();
      return ring.version !== before;
    },
  };
}

interface Read {
  readonly keys: Keyring;
  /** Digest of what was read. */
  readonly version: string;
}

const attempts = 5;

/** Whichever replica writes first makes the keys that all use. */
async function readKeyring(secrets: Secrets, nowMs: number, createJwk: () => Jwk): Promise<Read> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await secrets.get(secretNames.authKeys);
    const current = stored === undefined ? noKeys : parseKeyring(stored.data['keys.json'] ?? '');
    const next = rotateAll(current, nowMs, createJwk);
    const text = JSON.stringify(next);
    if (next === current) return { keys: current, version: sha256Hex(text) };
    const data = { 'keys.json': text };
    const outcome =
      stored === undefined
        ? await secrets.create(secretNames.authKeys, data)
        : await secrets.update(secretNames.authKeys, data, stored.version);
    if (outcome === 'created' || outcome === 'updated') return { keys: next, version: sha256Hex(text) };
  }
  throw new ControllerError('unavailable', `secret ${secretNames.authKeys} changes too often`);
}

const noKeys: Keyring = { signing: [], sealing: [], cookies: [] };

function rotateAll(ring: Keyring, nowMs: number, createJwk: () => Jwk): Keyring {
  const next = {
    signing: rotate(ring.signing, plans.signing, nowMs, createJwk),
    sealing: rotate(ring.sealing, plans.sealing, nowMs, () => randomBytes(32).toString('base64')),
    cookies: rotate(ring.cookies, plans.cookies, nowMs, () => randomBytes(32).toString('base64url')),
  };
  const isSame = next.signing === ring.signing && next.sealing === ring.sealing && next.cookies === ring.cookies;
  return isSame ? ring : next;
}

function inUse(ring: Keyring, nowMs: number): string {
  return [ring.signing, ring.sealing, ring.cookies]
    .map((keys) => keys.filter(({ usedFromMs }) => usedFromMs <= nowMs).length)
    .join(' ');
}

function toAuthKeys(ring: Keyring, nowMs: number): AuthKeys {
  return {
    signing: ring.signing.map(({ value, publishedAtMs, usedFromMs }) => ({
      jwk: value,
      publishedAtMs,
      signsFromMs: usedFromMs,
    })),
    sealing: byUse(ring.sealing, nowMs).map(({ value }) => Buffer.from(value, 'base64')),
    cookies: byUse(ring.cookies, nowMs).map(({ value }) => value),
  };
}

/** Throws `internal`: the Secret is our own. */
function parseKeyring(text: string): Keyring {
  const object = parseObject(text);
  const keyring = {
    signing: parseKeys(object?.['signing'], isSigningKey),
    sealing: parseKeys(object?.['sealing'], isSealingKey),
    cookies: parseKeys(object?.['cookies'], isCookieKey),
  };
  const { signing, sealing, cookies } = keyring;
  if (signing === undefined || sealing === undefined || cookies === undefined)
    throw new ControllerError('internal', `secret ${secretNames.authKeys} is not as written`);
  return { signing, sealing, cookies };
}

function parseKeys<Value>(
  list: unknown,
  isValue: (value: unknown) => value is Value,
): readonly DatedKey<Value>[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const keys = list.flatMap((one: unknown) => {
    if (!isObject(one)) return [];
    const { value, publishedAtMs, usedFromMs } = one;
    const isDated = typeof publishedAtMs === 'number' && typeof usedFromMs === 'number';
    return isDated && isValue(value) ? [{ value, publishedAtMs, usedFromMs }] : [];
  });
  return keys.length === list.length ? keys : undefined;
}

function isSigningKey(value: unknown): value is Jwk {
  return (
    isObject(value) &&
    value['kty'] === 'EC' &&
    value['crv'] === 'P-256' &&
    ['x', 'y', 'd', 'kid'].every((name) => typeof value[name] === 'string')
  );
}

function isSealingKey(value: unknown): value is string {
  return typeof value === 'string' && Buffer.from(value, 'base64').length === 32;
}

function isCookieKey(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 32;
}
