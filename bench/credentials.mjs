// An issuer, a token and a policy of ordinary size, as files for the sidecars.
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const issuer = 'https://issuer.bench.invalid';
const audience = 'tachograph://bench/bench/bench';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function createToken(privateKey) {
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    sub: 'alice',
    aud: audience,
    iat: nowS,
    exp: nowS + 36_000,
    jti: 'bench-1',
    groups: ['dev', 'oncall'],
  };
  const input = `${encode({ alg: 'ES256', kid: 'bench' })}.${encode({ ...claims, client_id: 'bench-client' })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Ten rules, the last of which speaks. */
function rules() {
  const others = Array.from({ length: 9 }, (_, index) => ({
    policy: 'bench/main',
    name: `rule-${index}`,
    who: { groups: [`team-${index}`] },
    what: { tools: [`delete_${index}_*`, 'drop_table'] },
    verdict: 'deny',
  }));
  return [...others, { policy: 'bench/main', name: 'read', what: { tools: ['query', 'read_*'] }, verdict: 'allow' }];
}

export function writeCredentials(directory) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const times = { issuedAt: '2026-01-01T00:00:00Z', notAfter: '2099-01-01T00:00:00Z' };
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' };
  const issuers = {
    v: 1,
    ...times,
    issuers: [{ issuer, subjectType: 'human', audiences: [audience], groupsClaim: 'groups', keys: [key] }],
  };
  const policy = {
    v: 1,
    workload: audience,
    version: 1,
    ...times,
    default: 'deny',
    rules: rules(),
    masking: {},
    durabilityFloor: 'process',
  };
  const files = { issuersFile: join(directory, 'issuers.json'), policyFile: join(directory, 'policy.json') };
  writeFileSync(files.issuersFile, JSON.stringify(issuers));
  writeFileSync(files.policyFile, JSON.stringify(policy));
  return { ...files, token: createToken(privateKey) };
}
