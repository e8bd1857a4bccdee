// An issuer, a token and a policy that allows everything, as files for one sidecar.
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const workload = { cluster: 'conformance', namespace: 'conformance', workload: 'fixture' };
const issuer = 'https://issuer.conformance.invalid';
const audience = `tachograph://${workload.cluster}/${workload.namespace}/${workload.workload}`;
const times = { issuedAt: '2026-01-01T00:00:00Z', notAfter: '2099-01-01T00:00:00Z' };

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function createToken(key) {
  const nowS = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'alice', aud: audience, iat: nowS, exp: nowS + 3600, jti: 'conformance-1' };
  const input = `${encode({ alg: 'ES256', kid: 'conformance' })}.${encode({ ...claims, client_id: 'conformance' })}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/**
 * Files for `TACHO_ISSUERS` and `TACHO_POLICY`, and a token that they accept. Masking rules that match nothing.
 * `isRecordOnly`: the server asks for tokens of its own.
 */
export function writeIdentity(directory, { isRecordOnly = false } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'conformance', alg: 'ES256', use: 'sig' };
  const accepted = { issuer, subjectType: 'human', audiences: [audience], groupsClaim: 'groups', keys: [key] };
  const policy = {
    v: 1,
    workload: audience,
    version: 1,
    ...times,
    default: 'allow',
    rules: [],
    masking: {},
    durabilityFloor: 'process',
    ...(isRecordOnly ? { identity: 'record-only' } : {}),
  };
  const files = { issuers: join(directory, 'issuers.json'), policy: join(directory, 'policy.json') };
  writeFileSync(files.issuers, JSON.stringify({ v: 1, ...times, issuers: [accepted] }));
  writeFileSync(files.policy, JSON.stringify(policy));
  return { ...files, token: createToken(privateKey) };
}
