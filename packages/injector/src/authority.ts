/** What all replicas share: the authorities that sign serving certificates, and the key of the nonces. One Secret, no leader. */
import { randomBytes } from 'node:crypto';
import { isKubeError, type Secret, type SecretPort } from '@tachograph/kube';
import type { Clock } from '@tachograph/service';
import { createAuthority, lifeOf, type CertifiedKey } from './certificates.ts';

export interface SharedKeys {
  /** PEM of every authority that is still valid: what webhook configurations must trust. */
  readonly caBundle: string;
  /** The authority that signs now. */
  readonly signer: CertifiedKey;
  readonly nonceKey: string;
}

export interface AuthorityOptions {
  readonly secrets: SecretPort;
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
}

const dayMs = 86_400_000;
const authorityLifeMs = 365 * dayMs;
/** A new authority is in every bundle for this long before it signs. */
const announceMs = 3_600_000;

/** Reads the shared keys; makes them at the first start, and adds a successor when two thirds of an authority's life are over. */
export async function loadSharedKeys(options: AuthorityOptions): Promise<SharedKeys> {
  const { secrets, namespace, name, clock } = options;
  const stored = (await secrets.getSecret(namespace, name)) ?? (await createShared(options));
  const nowMs = clock.nowMs();
  const live = readAuthorities(stored).filter(({ cert }) => lifeOf(cert).untilMs > nowMs);
  const newest = live.at(-1);
  if (newest !== undefined && lifeOf(newest.cert).renewMs > nowMs) return toSharedKeys(live, stored, nowMs);
  const successor = await newAuthority(nowMs);
  const data = { ...stored.data, 'authorities.json': JSON.stringify([...live, successor]) };
  try {
    return toSharedKeys([...live, successor], await secrets.updateSecret({ ...stored, data }), nowMs);
  } catch (error) {
    if (!isKubeError(error, 'conflict')) throw error;
    // Another replica was first: its successor is the one.
    const theirs = await secrets.getSecret(namespace, name);
    return toSharedKeys(readAuthorities(theirs), theirs, nowMs);
  }
}

async function createShared({ secrets, namespace, name, clock }: AuthorityOptions): Promise<Secret> {
  const data = {
    'authorities.json': JSON.stringify([await newAuthority(clock.nowMs())]),
    'nonce.key': randomBytes(32).toString('hex'),
  };
  try {
    return await secrets.createSecret({ namespace, name, data });
  } catch (error) {
    const theirs = isKubeError(error, 'conflict') ? await secrets.getSecret(namespace, name) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  }
}

async function newAuthority(nowMs: number): Promise<CertifiedKey> {
  return createAuthority('tachograph webhook authority', { fromMs: nowMs, lifeMs: authorityLifeMs });
}

function toSharedKeys(authorities: readonly CertifiedKey[], stored: Secret | undefined, nowMs: number): SharedKeys {
  const announced = authorities.filter(({ cert }) => lifeOf(cert).fromMs + announceMs <= nowMs);
  const signer = announced.at(-1) ?? authorities[0];
  const nonceKey = stored?.data['nonce.key'];
  if (signer === undefined || nonceKey === undefined) {
    throw new Error(`secret ${stored?.name ?? ''} holds no authority or no nonce key`);
  }
  return { caBundle: authorities.map(({ cert }) => cert.trim()).join('\n') + '\n', signer, nonceKey };
}

function readAuthorities(stored: Secret | undefined): readonly CertifiedKey[] {
  const list: unknown = JSON.parse(stored?.data['authorities.json'] ?? '[]');
  return Array.isArray(list) ? list.filter(isCertifiedKey) : [];
}

function isCertifiedKey(value: unknown): value is CertifiedKey {
  if (typeof value !== 'object' || value === null || !('cert' in value) || !('key' in value)) return false;
  return typeof value.cert === 'string' && typeof value.key === 'string';
}
