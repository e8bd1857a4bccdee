import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { gunzipSync, gzipSync } from 'node:zlib';
import { runCli } from './testing/run-cli.ts';
import { session, type TestArchive, writeTestArchive } from './testing/test-archive.ts';

let root = '';
let bucket = '';
let policy = '';
let archive: TestArchive;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tacho-test-'));
  bucket = join(root, 'bucket');
  mkdirSync(bucket);
  archive = await writeTestArchive(bucket);
  policy = join(root, 'policy.txt');
  writeFileSync(policy, archive.policy);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function copyOf(name: string): string {
  const dir = join(root, name);
  cpSync(bucket, dir, { recursive: true });
  return dir;
}

describe('tacho verify', () => {
  test('proves a whole archive', async () => {
    const { code, out } = await runCli(['verify', bucket, '--policy', policy]);
    expect(out).toContain('verified; self-consistent, not independently anchored');
    expect(out).toContain('1 streams, 1 segments, 6 records, 1 sessions, 1 blobs');
    expect(code).toBe(0);
  });

  test('names object and line of an altered record, and exits 1', async () => {
    const dir = copyOf('altered');
    const lines = gunzipSync(readFileSync(join(dir, archive.segment))).toString('utf8');
    writeFileSync(join(dir, archive.segment), gzipSync(lines.replace('tools/call', 'tools/cull')));
    const { code, out } = await runCli(['verify', dir, '--policy', policy]);
    expect(code).toBe(1);
    expect(out).toContain(`TAMPERED object.bytes\n  ${archive.segment} line 4\n`);
  });

  test.each([
    ['segment', () => archive.segment],
    ['manifest', () => archive.manifest],
    ['blob', () => archive.blob],
  ])('exits 3 when the %s is missing', async (name, object) => {
    const dir = copyOf(`without-${name}`);
    rmSync(join(dir, object()));
    const { code, out } = await runCli(['verify', dir, '--policy', policy, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'missing',
      findings: { list: [{ kind: 'object.missing', object: object() }] },
    });
  });

  test('is anchored by a checkpoint that the verifier kept', async () => {
    const file = join(root, 'checkpoint.txt');
    writeFileSync(file, archive.checkpoint);
    const { out } = await runCli(['verify', bucket, '--policy', policy, '--pinned-checkpoint', file]);
    expect(out).toContain('verified; extends the pinned checkpoint of log size 4');
  });

  test('refuses a policy with an unknown line, by its number', async () => {
    const file = join(root, 'bad-policy.txt');
    writeFileSync(file, `${archive.policy}trust everybody\n`);
    const { code, err } = await runCli(['verify', bucket, '--policy', file]);
    expect([code, err]).toEqual([64, `tacho: ${file} line 3: expected log, witness, group or quorum\n`]);
  });

  test('does not believe another log', async () => {
    const other = join(root, 'other');
    mkdirSync(other);
    const file = join(root, 'other-policy.txt');
    writeFileSync(file, (await writeTestArchive(other)).policy);
    expect((await runCli(['verify', bucket, '--policy', file])).code).toBe(1);
  });
});

describe('tacho pull', () => {
  test('makes a copy that verifies, and keeps what is there when it runs again', async () => {
    const out = join(root, 'all');
    mkdirSync(out);
    const first = await runCli(['pull', '--bucket', bucket, '--all', '--out', out, '--json']);
    expect(JSON.parse(first.out)).toMatchObject({ fetched: 5, kept: 0, differs: 0, absent: 0 });
    rmSync(join(out, archive.blob));
    const second = await runCli(['pull', '--bucket', bucket, '--all', '--out', out, '--json']);
    // Without a checksum in the listing, the two objects of the log are fetched again.
    expect(JSON.parse(second.out)).toMatchObject({ fetched: 3, kept: 2 });
    expect((await runCli(['verify', out, '--policy', policy])).code).toBe(0);
    expect(readdirSync(out).toSorted()).toEqual(['pull.json', 'v1']);
  });

  test('pulls one session with the whole log', async () => {
    const out = join(root, 'one');
    const pulled = await runCli(['pull', '--bucket', bucket, '--session', session, '--out', out]);
    expect(pulled).toMatchObject({ code: 0, err: '' });
    expect((await runCli(['verify', out, '--policy', policy])).out).toContain('1 sessions, 1 blobs  (pulled: session)');
  });

  test('pulls nothing of another namespace, which verifies as far as it goes', async () => {
    const out = join(root, 'nothing');
    await runCli(['pull', '--bucket', bucket, '--namespace', 'team-b', '--out', out]);
    const { code, out: text } = await runCli(['verify', out, '--policy', policy]);
    expect(text).toContain(
      '0 segments, 0 records, 0 sessions, 0 blobs  (pulled: period, 1 segments of the log not pulled)',
    );
    expect(code).toBe(0);
  });

  test('keeps damaged bytes as evidence, and exits 1', async () => {
    const from = copyOf('damaged');
    writeFileSync(join(from, archive.segment), 'damage');
    const out = join(root, 'damaged-copy');
    const { code, err } = await runCli(['pull', '--bucket', from, '--all', '--out', out]);
    expect([code, err]).toEqual([1, `differs from the log: ${archive.segment}\n`]);
    expect(readFileSync(join(out, archive.segment), 'utf8')).toBe('damage');
  });

  test.each([[[]], [['--all', '--session', 'x']], [['--all', '--from', '2026-01-01']]])(
    'refuses %j: one selection is needed',
    async (args) => {
      const { code } = await runCli(['pull', '--bucket', bucket, '--out', join(root, 'none'), ...args]);
      expect(code).toBe(64);
    },
  );

  test('says so when there is no such session', async () => {
    const { code, err } = await runCli(['pull', '--bucket', bucket, '--session', 'x', '--out', join(root, 'none')]);
    expect([code, err]).toEqual([3, 'tacho: no session x in this archive\n']);
  });
});

describe('tacho sessions', () => {
  test('lists what is recorded', async () => {
    const { out } = await runCli(['sessions', '--bucket', bucket]);
    expect(out).toContain(
      `${session}  2026-11-21T12:00:00.000Z  team-a/files  alice    human  inspector  3        delete`,
    );
  });

  test.each([
    ['--subject', 'alice', 1],
    ['--subject', 'bob', 0],
    ['--namespace', 'team-a', 1],
    ['--namespace', 'team-b', 0],
    ['--since', '2026-11-21', 1],
    ['--since', '2026-11-22', 0],
  ])('filters by %s %s', async (option, value, count) => {
    const { out } = await runCli(['sessions', '--bucket', bucket, option, value, '--json']);
    expect(JSON.parse(out)).toMatchObject({ sessions: Array.from({ length: count }, () => ({ session })) });
    expect((JSON.parse(out) as { sessions: unknown[] }).sessions).toHaveLength(count);
  });

  test('takes the address from TACHO_BUCKET', async () => {
    expect((await runCli(['sessions', '--json'], { env: { TACHO_BUCKET: bucket } })).code).toBe(0);
    expect((await runCli(['sessions'])).code).toBe(64);
    expect((await runCli(['sessions', '--bucket', join(root, 'nowhere')])).code).toBe(3);
  });
});

function state(): { dir: string; publicJwk: Record<string, unknown> } {
  const dir = mkdtempSync(join(root, 'state-'));
  const pair = generateKeyPairSync('ed25519');
  const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'EdDSA' };
  writeFileSync(join(dir, 'issuer-key.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const issuer = {
    issuer: 'https://issuer.test',
    subjectType: 'human',
    audiences: [],
    groupsClaim: 'roles',
    keys: [publicJwk],
  };
  writeFileSync(join(dir, 'issuers.json'), JSON.stringify({ issuers: [issuer] }));
  return { dir, publicJwk };
}

describe('tacho dev-token and trust', () => {
  test('signs a token that the issuer’s published key verifies', async () => {
    const { dir, publicJwk } = state();
    const workload = 'tachograph://demo/team-a/files';
    const args = ['dev-token', '--subject', 'alice', '--groups', 'dba,oncall', '--workload', workload, '--ttl', '15m'];
    const { code, out } = await runCli(args, { env: { TACHO_STATE: dir } });
    expect(code).toBe(0);
    const token = out.trim();
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'k1' });
    expect(decodeJwt(token)).toMatchObject({
      iss: 'https://issuer.test',
      sub: 'alice',
      roles: ['dba', 'oncall'],
      aud: workload,
    });
    const { payload } = await jwtVerify(token, await importJWK(publicJwk, 'EdDSA'), {
      currentDate: new Date('2026-11-21T12:14:00Z'),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  });

  test('refuses without TACHO_STATE', async () => {
    expect(await runCli(['dev-token', '--subject', 'alice'])).toMatchObject({ code: 64, out: '' });
  });

  test('takes the only enrolled workload when none is named', async () => {
    const { dir } = state();
    mkdirSync(join(dir, 'enrolments'));
    writeFileSync(join(dir, 'enrolments', 'x.json'), JSON.stringify({ namespace: 'team-a', workload: 'files' }));
    const env = { TACHO_STATE: dir, TACHO_CLUSTER: 'demo' };
    const { out } = await runCli(['dev-token', '--subject', 'alice'], { env });
    expect(decodeJwt(out.trim()).aud).toBe('tachograph://demo/team-a/files');
  });

  test('exports the policy of the state directory', async () => {
    const { dir } = state();
    const vkey = archive.policy.split('\n')[0]?.slice(4) ?? '';
    writeFileSync(join(dir, 'log.vkey'), `${vkey}\n`);
    expect(await runCli(['trust', 'export'], { env: { TACHO_STATE: dir } })).toMatchObject({
      code: 0,
      out: archive.policy,
    });
    writeFileSync(join(dir, 'log.vkey'), 'no key\n');
    expect((await runCli(['trust', 'export'], { env: { TACHO_STATE: dir } })).code).toBe(64);
  });
});

describe('tacho inject', () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: files, namespace: team-a }
spec:
  template:
    metadata: { labels: { app: files, tachograph.dev/mcp-server: "true" } }
    spec:
      containers:
        - { name: server, image: files:1, ports: [{ containerPort: 8080 }], securityContext: { runAsUser: 1000 } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: c }
`;
  const settings = ['--cluster', 'demo', '--image', 'tachograph:1', '--controller', 'https://c:8443'];
  const trust = ['--trust', `sha256:${'ab'.repeat(32)}`];

  test('injects a Deployment’s pods and passes other documents', async () => {
    const { code, out, err } = await runCli(['inject', '-f', '-', ...settings, ...trust], { stdin: deployment });
    expect(code).toBe(0);
    expect(out).toMatch(/initContainers:\n\s+- name: tachograph\n/);
    expect(out).toContain('"workload":"files"');
    expect(out).not.toContain('ownerReferences');
    expect(out).toContain('---\napiVersion: v1\nkind: ConfigMap');
    expect(err).toContain('ConfigMap/c: unchanged: holds no pod');
  });

  test('refuses with every reason, prints nothing of it, and exits 1', async () => {
    const hostile = deployment.replace('    spec:\n', '    spec:\n      hostNetwork: true\n');
    const { code, out, err } = await runCli(['inject', '-f', '-', ...settings, ...trust], { stdin: hostile });
    expect(code).toBe(1);
    expect(err).toContain('Deployment/files: refused: host_network');
    expect(out).not.toContain('files:1');
  });

  test('names the setting that is missing', async () => {
    const { code, err } = await runCli(['inject', '-f', '-', ...settings], { stdin: deployment });
    expect([code, err]).toEqual([64, 'tacho: setting trustFingerprint: expected text like ^sha256:[0-9a-f]{64}$\n']);
  });
});

describe('every command', () => {
  test.each([
    ['sessions'],
    ['pull'],
    ['export'],
    ['replay'],
    ['query'],
    ['verify'],
    ['bucket', 'init'],
    ['bucket', 'check'],
    ['hold', 'place'],
    ['hold', 'list'],
    ['hold', 'release'],
    ['hold', 'apply'],
    ['purge'],
    ['report'],
    ['access', 'revoke'],
    ['access', 'list'],
    ['inject'],
    ['check'],
    ['trust', 'export'],
    ['dev-token'],
    ['version'],
  ])('%s %s has help with examples and --json', async (...command) => {
    const { code, out } = await runCli([...command, '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--json');
    expect(out).toContain('Examples:');
  });

  test('ends with 64 for what it does not know', async () => {
    expect((await runCli(['nothing'])).code).toBe(64);
    expect((await runCli(['verify', '--nothing'])).code).toBe(64);
  });

  test('locks no bucket without being told twice', async () => {
    const args = ['bucket', 'init', '--bucket', 'gs://archive', '--retention', '1d', '--lock'];
    expect(await runCli(args)).toMatchObject({
      code: 64,
      err: 'tacho: locking needs a terminal to ask on, or --yes-lock\n',
    });
    expect(await runCli(args, { answers: ['yes', 'another'] })).toMatchObject({ code: 64, err: 'tacho: not locked\n' });
  });
});
