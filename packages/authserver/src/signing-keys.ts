import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import type { SigningKey } from './auth-keys.ts';

/** Times of rotation in milliseconds. */
export interface RotationPeriods {
  /** A key that has signed for so long gets a successor. */
  readonly signsMs: number;
  /** How long before its first signature a key is published; sidecars learn keys within seconds, and at the latest by the next answer they wait for. */
  readonly aheadMs: number;
  /** How long a key stays after its successor began to sign: the longest token's life and the clocks' difference. */
  readonly lingersMs: number;
}

/** A month of signing, ten minutes ahead, ten minutes after (tokens live five). */
export const defaultRotation: RotationPeriods = {
  signsMs: 30 * 86_400_000,
  aheadMs: 600_000,
  lingersMs: 600_000,
};

/** Makes an ES256 private key. */
export function createSigningJwk(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' };
}

/**
 * The stored list as it should be at `nowMs`: the same array when nothing is due. Whoever stores the result must do so
 * against the version that it read, so that two replicas cannot publish two successors.
 */
export function rotateSigningKeys(
  stored: readonly SigningKey[],
  nowMs: number,
  options: { readonly periods?: RotationPeriods; readonly createJwk?: () => JWK } = {},
): readonly SigningKey[] {
  const { periods = defaultRotation, createJwk = createSigningJwk } = options;
  if (stored.length === 0) return [{ jwk: createJwk(), publishedAtMs: nowMs, signsFromMs: nowMs }];
  const ordered = stored.toSorted((a, b) => a.signsFromMs - b.signsFromMs);
  const kept = ordered.filter((_, at) => {
    const successor = ordered[at + 1];
    return successor === undefined || nowMs < successor.signsFromMs + periods.lingersMs;
  });
  const newest = kept.at(-1);
  const due = newest !== undefined && nowMs >= newest.signsFromMs + periods.signsMs - periods.aheadMs;
  if (!due) return kept.length === stored.length ? stored : kept;
  return [...kept, { jwk: createJwk(), publishedAtMs: nowMs, signsFromMs: nowMs + periods.aheadMs }];
}

/** The key that signs at `nowMs`: the newest whose time has come. */
export function signingKeyAt(keys: readonly SigningKey[], nowMs: number): SigningKey | undefined {
  const ordered = keys.toSorted((a, b) => a.signsFromMs - b.signsFromMs);
  return ordered.findLast((key) => key.signsFromMs <= nowMs) ?? ordered[0];
}

/** The public halves, those that do not sign yet included. */
export function publicJwks(keys: readonly SigningKey[]): readonly JWK[] {
  return keys.map(({ jwk: { d: _private, ...jwk } }) => jwk);
}
