/** The demo's own issuer: `issuer-key.pem` and its entry in `issuers.json`. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { jwksPayload } from '@tachograph/protocol';
import { SignJWT } from 'jose';
import { CliError } from '../cli-error.ts';
import { parseObject, readStateFile } from './state-dir.ts';

export interface DevIssuer {
  readonly issuer: string;
  readonly kid: string | undefined;
  readonly groupsClaim: string;
  readonly audiences: readonly string[];
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

/** Whom a token names, and for how long. */
export interface DevClaims {
  readonly subject: string;
  readonly groups: readonly string[];
  readonly audience: string;
  readonly clientId?: string;
  readonly issuedAtMs: number;
  readonly ttlSeconds: number;
}

/** Reads the issuer whose public key is that of `issuer-key.pem`. */
export async function loadDevIssuer(dir: string): Promise<DevIssuer> {
  const key = parseKey(await readStateFile(dir, 'issuer-key.pem'));
  const own = createPublicKey(key).export({ format: 'jwk' });
  const issuers = jwksPayload.shape.issuers.safeParse(parseObject(await readStateFile(dir, 'issuers.json'))['issuers']);
  if (!issuers.success) throw new CliError('state', 'issuers.json does not list issuers');
  for (const { issuer, keys, groupsClaim, audiences } of issuers.data) {
    const jwk = keys.find(({ x, y }) => x === own.x && y === own.y);
    if (jwk === undefined) continue;
    const kid = typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined;
    return { issuer, kid, groupsClaim: groupsClaim ?? 'groups', audiences, alg: algOf(key), key };
  }
  throw new CliError('state', 'issuers.json accepts no issuer with the key of issuer-key.pem');
}

function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new CliError('state', 'issuer-key.pem is not a PKCS #8 private key', { cause });
  }
}

function algOf(key: KeyObject): 'EdDSA' | 'ES256' {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  throw new CliError('state', `issuer-key.pem is ${key.asymmetricKeyType ?? 'unknown'}, expected Ed25519 or P-256`);
}

/** A signed token. */
export async function signDevToken(issuer: DevIssuer, claims: DevClaims): Promise<string> {
  const { subject, groups, audience, clientId, issuedAtMs, ttlSeconds } = claims;
  const now = Math.floor(issuedAtMs / 1000);
  const payload = {
    ...(groups.length === 0 ? {} : { [issuer.groupsClaim]: groups }),
    ...(clientId === undefined ? {} : { client_id: clientId }),
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: issuer.alg, typ: 'JWT', ...(issuer.kid === undefined ? {} : { kid: issuer.kid }) })
    .setIssuer(issuer.issuer)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .setJti(crypto.randomUUID())
    .sign(issuer.key);
}
