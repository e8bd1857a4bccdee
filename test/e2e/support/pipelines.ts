import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { system } from './installation.ts';
import { kubectl } from './kubectl.ts';

const issuer = 'https://pipelines.faults.example';

/**
 * Lets the running installation accept a pipeline's tokens, and answers one for this audience, good for half an hour.
 * Unlike a ServiceAccount's it is verified by keys that the sidecar has: nobody is asked about it.
 */
export async function acceptPipeline(sub: string, audience: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'k1' }];
  await setIssuers([{ issuer, subjectType: 'ci', audiences: [], subjects: [sub], keys }]);
  return new SignJWT({ iss: issuer, sub, aud: audience, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuedAt()
    .setExpirationTime('30m')
    .sign(privateKey);
}

/** As `setup.mjs` installed it. */
export async function refusePipelines(): Promise<void> {
  await setIssuers([]);
}

/** The kubelet takes a minute to bring a changed ConfigMap into a running pod; a new pod has it at once. */
async function setIssuers(issuers: readonly object[]): Promise<void> {
  const patch = JSON.stringify({ data: { 'issuers.json': JSON.stringify({ issuers }) } });
  await kubectl('-n', system, 'patch', 'configmap', 'tachograph-issuers', '--type=merge', '--patch', patch);
  await kubectl('-n', system, 'rollout', 'restart', 'deployment/tachograph-controller');
  await kubectl('-n', system, 'rollout', 'status', 'deployment/tachograph-controller', '--timeout=120s');
}
