import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SignJWT, type JWTPayload } from 'jose';
import type { CompanyIdp } from './idp.ts';
import { system } from './installation.ts';
import { apply, command, kubectl } from './kubectl.ts';

const chart = fileURLToPath(new URL('../../../charts/tachograph', import.meta.url));

/** A pipeline's token issuer, whose keys the installation was told. */
export interface CiIssuer {
  readonly issuer: string;
  readonly audience: string;
  token(claims: JWTPayload): Promise<string>;
}

/** Sets the running installation to log people in at the provider, and to accept the pipelines' tokens. */
export async function configureLogin(idp: CompanyIdp, revokers: readonly string[]): Promise<CiIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ci = { issuer: 'https://ci.corp.example', audience: 'https://mcp.corp.example' };
  const keys = [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'ci-1' }];
  await applied('Secret', 'e2e-login', { stringData: { 'client-secret': idp.clientSecret } });
  await applied('ConfigMap', 'e2e-login-ca', { data: { 'ca.crt': readFileSync(idp.caFile, 'utf8') } });
  await upgrade({
    auth: {
      upstream: idp.issuer,
      clientId: idp.clientId,
      credentialsSecret: 'e2e-login',
      upstreamCaConfigMap: 'e2e-login-ca',
    },
    custody: { revokers },
    issuers: [{ issuer: ci.issuer, subjectType: 'ci', audiences: [ci.audience], subjects: ['repo:corp/*'], keys }],
  });
  return {
    ...ci,
    token: async (claims) =>
      new SignJWT({ iss: ci.issuer, aud: ci.audience, jti: crypto.randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'ci-1' })
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
  };
}

/** As `setup.mjs` installed it: other suites know nothing of logins. */
export async function removeLogin(): Promise<void> {
  await upgrade({
    auth: { upstream: '', clientId: '', credentialsSecret: '', upstreamCaConfigMap: '' },
    custody: { revokers: [] },
    issuers: [],
  });
}

async function applied(kind: string, name: string, content: object): Promise<void> {
  const object = { apiVersion: 'v1', kind, metadata: { name, namespace: system }, ...content };
  const { code, stderr } = await apply(JSON.stringify(object));
  if (code !== 0) throw new Error(`${kind} ${name}: ${stderr}`);
}

async function upgrade(values: object): Promise<void> {
  const args = ['upgrade', 'tachograph', chart, '-n', system, '--reuse-values', '--values', '-'];
  // Another suite may have patched what the chart owns.
  const how = ['--wait', '--timeout', '120s', '--force-conflicts'];
  const { code, stderr } = await command('helm', [...args, ...how], JSON.stringify(values));
  if (code !== 0) throw new Error(`helm upgrade: exit ${code}: ${stderr}`);
  await kubectl('-n', system, 'rollout', 'status', 'deployment/tachograph-controller', '--timeout=120s');
}
