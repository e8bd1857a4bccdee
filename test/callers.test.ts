/** People, pipelines and ServiceAccounts call one server: the archive tells them apart, and `tacho sessions` finds them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT, type JWTPayload } from 'jose';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';
import { newInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';
import { answerJson, startUpstream, type Upstream } from '../packages/sidecar/src/testing/upstream.ts';
import { callWith, startEnrolled } from './identity/enrolled-sidecar.ts';

interface TestIssuer {
  readonly entry: object;
  readonly key: KeyObject;
  readonly iss: string;
}

function issuerOf(iss: string, entry: object): TestIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const keys = [{ ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: 'k1' }];
  return { iss, entry: { issuer: iss, audiences: [], keys, ...entry }, key: privateKey };
}

const audience = 'tachograph://test/demo/store';
const company = issuerOf('https://login.corp.example', { subjectType: 'human', groupsClaim: 'groups' });
const cluster = issuerOf('https://kubernetes.default.svc', { subjectType: 'workload', maxLifetimeSeconds: 3600 });
/** As GitHub Actions issues them, for an audience that the workflow asks for. */
const pipelines = issuerOf('https://token.actions.githubusercontent.com', {
  subjectType: 'ci',
  audiences: ['https://mcp.corp.example'],
  subjects: ['repo:corp/*'],
});

async function sign({ iss, key }: TestIssuer, claims: JWTPayload): Promise<string> {
  return new SignJWT({ iss, aud: audience, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
    .setIssuedAt()
    .setExpirationTime('10m')
    .setJti(crypto.randomUUID())
    .sign(key);
}

const repository = 'repo:corp/tools:ref:refs/heads/main';
const account = 'system:serviceaccount:team-a:agent';
const workflow = {
  sub: repository,
  aud: 'https://mcp.corp.example',
  ref: 'refs/heads/main',
  repository: 'corp/tools',
  actor: 'alice',
  workflow: 'deploy',
};

let installation: Installation;
let upstream: Upstream;
const statuses: number[] = [];

beforeAll(async () => {
  installation = await newInstallation();
  await mkdir(installation.state, { recursive: true });
  const issuers = [company, cluster, pipelines].map(({ entry }) => entry);
  await writeFile(join(installation.state, 'issuers.json'), JSON.stringify({ issuers }));
  await installation.startSequencer();
  await installation.leading();
  await installation.startController();
  upstream = await startUpstream(answerJson({ ok: true }));
  const sidecar = await startEnrolled(installation, { workload: 'store', upstream: upstream.url });
  const tokens = await Promise.all([
    sign(company, { sub: 'alice', groups: ['platform', 'dev'], client_id: 'inspector' }),
    sign(company, { sub: 'bob', _claim_names: { groups: 'src1' } }),
    sign(cluster, { sub: account }),
    sign(pipelines, workflow),
    // GitHub's issuer serves everybody; this one is not ours.
    sign(pipelines, { ...workflow, sub: 'repo:evil/tools:ref:refs/heads/main' }),
    // A workflow's token for another service.
    sign(pipelines, { ...workflow, aud: 'sts.amazonaws.com' }),
  ]);
  for (const token of tokens) statuses.push((await callWith(sidecar, token)).status);
  await sidecar.close();
  await until('four manifests', async () =>
    (await installation.names('v1/sessions/')).length === 4 ? true : undefined,
  );
});

afterAll(async () => {
  await upstream.close();
  await installation.close();
});

async function found(...args: readonly string[]): Promise<readonly string[]> {
  const { out } = await runCli(['sessions', '--bucket', join(installation.dir, 'bucket'), '--json', ...args]);
  const { sessions } = JSON.parse(out) as { sessions: { principal: { sub: string } }[] };
  return sessions.map(({ principal }) => principal.sub).toSorted();
}

test('those whom nobody accepts are not let in', () => {
  expect(statuses).toEqual([200, 200, 200, 200, 401, 401]);
  expect(upstream.received).toHaveLength(4);
});

test.each<readonly [readonly string[], readonly string[]]>([
  [[], ['alice', 'bob', repository, account]],
  [['--subject', 'alice'], ['alice']],
  [['--subject', repository], [repository]],
  [
    ['--subject-type', 'human'],
    ['alice', 'bob'],
  ],
  [['--subject-type', 'workload'], [account]],
  [['--subject-type', 'ci'], [repository]],
  [['--group', 'platform'], ['alice']],
  [['--group', 'nobody'], []],
  [['--client', 'inspector'], ['alice']],
  [['--subject-type', 'human', '--group', 'dev', '--client', 'inspector'], ['alice']],
  [['--subject-type', 'ci', '--subject', 'alice'], []],
])('tacho sessions %j finds %j', async (args, subjects) => {
  expect(await found(...args)).toEqual(subjects);
});

test('the list shows who called, and of which kind', async () => {
  const { out } = await runCli(['sessions', '--bucket', join(installation.dir, 'bucket')]);
  expect(out).toMatch(/alice +human +inspector/);
  expect(out).toMatch(/system:serviceaccount:team-a:agent +workload/);
  expect(out).toMatch(/repo:corp\/tools:ref:refs\/heads\/main +ci/);
});

test('an unknown type is a usage error', async () => {
  expect((await runCli(['sessions', '--bucket', 'x', '--subject-type', 'robot'])).code).toBe(64);
});

test('records name person, client, groups and token, and say when groups are unknown', async () => {
  const dir = join(installation.dir, 'pulled');
  const bucket = join(installation.dir, 'bucket');
  expect((await runCli(['pull', '--bucket', bucket, '--out', dir, '--subject-type', 'human'])).code).toBe(0);
  const { out } = await runCli(['sessions', '--bucket', dir, '--json']);
  const { sessions } = JSON.parse(out) as { sessions: { session: string; principal: object }[] };
  const principals = await Promise.all(sessions.map(async ({ session }) => principalIn(dir, session)));
  expect(principals).toEqual(
    expect.arrayContaining([
      {
        iss: company.iss,
        sub: 'alice',
        type: 'human',
        client_id: 'inspector',
        groups: ['platform', 'dev'],
        jti_hmac: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { iss: company.iss, sub: 'bob', type: 'human', groups_unknown: 'overage', jti_hmac: expect.any(String) },
    ]),
  );
});

async function principalIn(dir: string, session: string): Promise<unknown> {
  const { out } = await runCli(['replay', dir, '--session', session, '--json']);
  const [first = '{}'] = out.split('\n');
  const { principal } = JSON.parse(first) as { principal: unknown };
  return principal;
}
