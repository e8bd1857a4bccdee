/** The demo's own issuer, made at the first start: `tacho dev-token` signs with its key. */
import { createPublicKey } from 'node:crypto';
import { generateSigningKeyPem, toSigningKey } from '../keys/signing-key.ts';
import { createFile, readTextFile, statePaths } from './state-files.ts';

export const demoIssuer = 'https://issuer.demo.tachograph.dev';

/** Writes `issuer-key.pem` and an `issuers.json` that accepts it, unless they exist. */
export async function initIssuers(dir: string): Promise<void> {
  await createFile(statePaths.issuerKey(dir), generateSigningKeyPem());
  const pem = (await readTextFile(statePaths.issuerKey(dir))) ?? '';
  const jwk = createPublicKey(pem).export({ format: 'jwk' });
  const key = { ...jwk, kid: toSigningKey(pem).keyId, alg: 'EdDSA', use: 'sig' };
  const issuer = { issuer: demoIssuer, subjectType: 'human', audiences: [], groupsClaim: 'groups', keys: [key] };
  await createFile(statePaths.issuers(dir), `${JSON.stringify({ issuers: [issuer] }, null, 2)}\n`);
}
