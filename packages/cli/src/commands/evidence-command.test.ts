import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { apiActivity, type RecordDraft } from '@tachograph/protocol';
import {
  alice,
  callRecords,
  day,
  type EvidenceArchive,
  type EvidenceArchiveOptions,
  timeAt,
  writeEvidenceArchive,
} from '../testing/evidence-archive.ts';
import { type CliResult, runCli } from '../testing/run-cli.ts';

/** A tool that a spreadsheet would run, that would end a cell, and that would be markup. */
const hostile = '=HYPERLINK("http://evil","<script>alert(1)</script>")';
const by = { iss: 'https://issuer.example', sub: 'carol' };
const approval = '01932a00-0000-7000-8000-0000000000bb';

const records: readonly RecordDraft[] = [
  { kind: 'policy.applied', bundle: 'b1', detail: { 'policy.source': 'bundle', version: 3, rules: 4 } },
  { kind: 'config.step_off', detail: { step: 'masking' } },
  { kind: 'auth.refused', detail: { from: 'a', to: 'b', refused: [{ count: 2 }, { count: 3 }], others: 1 } },
  {
    kind: 'hold.reveal',
    detail: { approval, reveal: 'v1', by: { iss: 'https://issuer.example', subject: 'bob' }, reason: 'must see it' },
  },
  ...callRecords(1, 'read_file', {
    request: {
      mask: {
        rules: 'r1',
        hits: 3,
        spans: [
          { rule: 'email', path: '/a', count: 2, transform: 'token' },
          { rule: 'iban', path: '/b', count: 1, transform: 'drop' },
        ],
      },
    },
  }),
  ...callRecords(2, hostile, {
    request: { decision: { verdict: 'deny', rule: 'none', policy: 'team-a/files', reason: 'not allowed' } },
    answer: { outcome: 'denied', error_type: 'tool_error' },
  }),
  ...callRecords(3, 'read_file').slice(0, 1),
  {
    kind: 'hold.open',
    principal: alice,
    gen_ai_tool_name: 'transfer',
    decision: { verdict: 'approve', rule: 'large', policy: 'team-a/files' },
    detail: {
      approval,
      digest: 'd1',
      approvers: { groups: ['controllers'] },
      count: 1,
      expires_at: timeAt(40),
      masked_values: 0,
    },
  },
  {
    kind: 'hold.decision',
    principal: alice,
    gen_ai_tool_name: 'transfer',
    detail: {
      approval,
      digest: 'd1',
      state: 'approved',
      runs: true,
      decisions: [{ iss: 'https://issuer.example', subject: 'bob', verdict: 'approve', reason: 'ok', at: timeAt(30) }],
    },
  },
];

const leaves: readonly object[] = [
  {
    v: 1,
    type: 'admin.action',
    action: 'policy.changed',
    subject: 'team-a/files',
    detail: { version: 3 },
    by,
    reason: 'ticket 7',
    at: timeAt(52),
  },
  {
    v: 1,
    type: 'admin.action',
    action: 'break_glass',
    detail: {},
    by,
    reason: 'later',
    at: timeAt(54),
  },
];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-evidence-'));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

async function archive(options: EvidenceArchiveOptions = {}): Promise<EvidenceArchive> {
  const written = await writeEvidenceArchive(join(dir, 'archive'), { records, leaves, ...options });
  await writeFile(join(dir, 'policy.txt'), written.policy);
  return written;
}

async function run(...more: readonly string[]): Promise<CliResult> {
  const [framework = 'soc2', ...rest] = more;
  const where = ['--archive', join(dir, 'archive'), '--policy', join(dir, 'policy.txt'), '--out', join(dir, 'out')];
  return runCli(['evidence', framework, '--from', day, '--to', day, ...where, ...rest]);
}

async function text(name: string): Promise<string> {
  return readFile(join(dir, 'out', name), 'utf8');
}

interface Table {
  readonly header: Readonly<Record<string, unknown>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

async function table(name: string): Promise<Table> {
  return JSON.parse(await text(`${name}.json`)) as Table;
}

describe('an export', () => {
  test('states in every file the period, the checkpoint, the counts and the verdict', async () => {
    const { size, root } = await archive();
    // A step was switched off: that is a stated gap.
    expect((await run()).code).toBe(2);
    const names = (await readdir(join(dir, 'out'))).toSorted();
    const tables = ['access-matrix', 'approvals', 'coverage', 'data-protection', 'populations', 'privileged-actions'];
    const expected = tables.flatMap((name) => [`${name}.csv`, `${name}.html`, `${name}.json`]);
    expect(names).toEqual([...expected, 'calls.cef', 'calls.ocsf.jsonl', 'index.json'].toSorted());
    for (const name of names) {
      const content = await text(name);
      for (const fact of [
        root,
        '2026-11-21T00:00:00.000Z',
        'VERIFIED WITH GAPS',
        'record.step_off',
        'have an assessor confirm',
      ]) {
        expect([name, content.includes(fact)]).toEqual([name, true]);
      }
      expect([name, new RegExp(`\\b${size}\\b`).test(content)]).toEqual([name, true]);
      expect([name, content.includes('exported"}')]).toEqual([name, false]);
    }
  });

  test('is indexed by the SHA-256 of each file, and says that of the index', async () => {
    await archive();
    const { out } = await run();
    const index = await text('index.json');
    const { files } = JSON.parse(index) as { files: { name: string; sha256: string; bytes: number }[] };
    expect(out).toContain(createHash('sha256').update(index).digest('hex'));
    expect(files.map(({ name }) => name)).toHaveLength(20);
    for (const { name, sha256, bytes } of files) {
      const content = await readFile(join(dir, 'out', name));
      expect([name, bytes, sha256]).toEqual([name, content.length, createHash('sha256').update(content).digest('hex')]);
    }
  });

  test('bears the signature of whoever made it, over the index', async () => {
    await archive();
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    await writeFile(join(dir, 'auditor.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await run('soc2', '--sign-key', join(dir, 'auditor.pem'));
    const signature = Buffer.from(await text('index.json.sig'), 'base64');
    expect(verify(null, Buffer.from(await text('index.json')), publicKey, signature)).toBe(true);
    const { signer } = JSON.parse(await text('index.json')) as { readonly signer: { readonly publicKey: string } };
    expect(signer.publicKey).toBe(publicKey.export({ type: 'spki', format: 'der' }).toString('base64'));
  });

  test('holds only what the checkpoint covers', async () => {
    const action = { v: 1, type: 'admin.action', action: 'erasure', detail: {}, by, at: timeAt(55) };
    await archive({ uncovered: [action] });
    await run();
    const { header, rows } = await table('privileged-actions');
    expect(rows.map((row) => row['action'])).not.toContain('erasure');
    expect(header['gaps']).toContainEqual({ kind: 'leaves not yet under a checkpoint, left out', count: 1 });
  });

  test('is the same when junk took the name of a batch', async () => {
    await archive();
    const second = join(dir, 'archive', 'v1/log/batch', '3'.padStart(16, '0'));
    await rename(second, `${second}-1`);
    await writeFile(second, 'junk');
    expect((await run()).code).toBe(2);
    expect((await table('privileged-actions')).rows.map((row) => row['action'])).toContain('policy.changed');
  });

  test('is never mixed with another', async () => {
    await archive();
    await run();
    const again = await run();
    expect(again.code).toBe(64);
    expect(again.err).toContain('an export needs a directory of its own');
  });
});

/** One bit of the segment. */
async function damage(): Promise<void> {
  const { segment } = await archive();
  const path = join(dir, 'archive', segment);
  const bytes = await readFile(path);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe('verification comes first', () => {
  test('nothing is written from an archive that was tampered with', async () => {
    await damage();
    const { code, err } = await run();
    expect(code).toBe(1);
    expect(err).toContain('nothing written: tampered');
    expect(await readdir(join(dir, 'out'))).toEqual([]);
  });

  test('--allow-unverified writes, marks every file, and keeps the exit code', async () => {
    await damage();
    expect((await run('soc2', '--allow-unverified')).code).toBe(1);
    for (const name of await readdir(join(dir, 'out'))) {
      expect([name, (await text(name)).includes('UNVERIFIED: tampered')]).toEqual([name, true]);
    }
    expect((await table('data-protection')).header['gaps']).toContainEqual({
      kind: 'segments whose bytes are not those of the log',
      count: 1,
    });
  });

  test('an archive without gaps is verified', async () => {
    await archive({ records: callRecords(1, 'read_file') });
    expect(await run()).toMatchObject({ code: 0, out: expect.stringContaining('VERIFIED: verified') as unknown });
  });

  test('what this copy lacks is an input that is missing', async () => {
    const { segment } = await archive();
    await rm(join(dir, 'archive', segment));
    expect((await run()).code).toBe(3);
  });
});

const exec = { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] };

describe('the artefacts', () => {
  test('the matrix joins what policies say with who did what last', async () => {
    await archive();
    const policy = `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: files, namespace: team-a }
spec:
  workloads: [files]
  default: deny
  rules:
    - { name: readers, who: { subjects: [alice] }, what: { tools: [read_file] }, verdict: allow }
`;
    await writeFile(join(dir, 'mcp.yaml'), policy);
    await run('soc2', '--mcp-policy', join(dir, 'mcp.yaml'), '--cluster', 'demo');
    const { rows } = await table('access-matrix');
    const of = (tool: string) => rows.filter((row) => row['tool'] === tool && row['calls'] !== 0);
    expect(of('read_file')).toEqual([
      expect.objectContaining({
        basis: 'policy',
        right: 'allow',
        rule: 'readers',
        calls: 2,
        denied: 0,
        last_outcome: 'unknown',
      }),
    ]);
    expect(of(hostile)).toEqual([
      expect.objectContaining({
        basis: 'use',
        principal: 'alice',
        right: 'deny',
        calls: 1,
        denied: 1,
        last_outcome: 'denied',
      }),
    ]);
  });

  test('the matrix has the rights of the cluster and the roles on the bucket', async () => {
    await archive();
    const roles = { kind: 'ClusterRole', metadata: { name: 'edit' }, rules: [exec] };
    const subjects = [{ kind: 'User', name: '=cmd()' }];
    const binding = {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'all' },
      roleRef: { kind: 'ClusterRole', name: 'edit' },
    };
    await writeFile(join(dir, 'rbac.json'), JSON.stringify({ kind: 'List', items: [roles, { ...binding, subjects }] }));
    const members = ['serviceAccount:w@p.iam.gserviceaccount.com', 'allUsers'];
    const bindings = [{ role: 'roles/storage.admin', members, condition: { expression: 'x < 1' } }];
    await writeFile(join(dir, 'iam.json'), JSON.stringify({ bindings }));
    await run('soc2', '--rbac', join(dir, 'rbac.json'), '--iam', join(dir, 'iam.json'));
    const rows = (await table('access-matrix')).rows.filter(({ basis }) => basis !== 'use');
    expect(
      rows.map((row) => [row['basis'], row['principal'], row['principal_type'], row['server'], row['right']]),
    ).toEqual([
      ['rbac', '=cmd()', 'User', '*', 'exec into pods'],
      ['iam', 'w@p.iam.gserviceaccount.com', 'serviceAccount', 'gs://archive', 'roles/storage.admin'],
      ['iam', 'allUsers', 'public', 'gs://archive', 'roles/storage.admin'],
    ]);
    expect(await text('access-matrix.csv')).toContain("'=cmd()");
    const { rows: populations } = await table('populations');
    const total = (name: string) => populations.find(({ population }) => population === name)?.['total'];
    expect([total('rights of the cluster'), total('roles on the bucket')]).toEqual([1, 2]);
  });

  test.each([
    ['--rbac', '{"items":7}'],
    ['--rbac', 'no JSON'],
    ['--iam', '[]'],
    ['--iam', '{"bindings":{}}'],
  ])('%s refuses %s', async (option, content) => {
    await archive();
    await writeFile(join(dir, 'input.json'), content);
    expect(await run('soc2', option, join(dir, 'input.json'))).toMatchObject({ code: 64 });
  });

  test('privileged actions come from leaves and records, of the period only', async () => {
    await archive();
    await run('soc2', '--to', timeAt(53));
    const { rows } = await table('privileged-actions');
    const actions = rows.map((row) => row['action']);
    expect(actions).toEqual([
      'recorder.started',
      'policy.applied',
      'config.step_off',
      'auth.refused',
      'hold.reveal',
      'recorder.stopped',
      'policy.changed',
    ]);
    expect(rows[4]).toMatchObject({ by_subject: 'bob', subject: approval, reason: 'must see it' });
    expect(rows[3]).toMatchObject({ detail: expect.stringContaining('"count":5') as unknown });
    expect(rows.at(-1)).toMatchObject({
      by_subject: 'carol',
      reason: 'ticket 7',
      subject: 'team-a/files',
      source: 'leaf',
    });
  });

  test('masking is counted by rule, and the lock is stated as found', async () => {
    await archive();
    const findings = [{ setting: 'lock', ok: false, want: 'locked', got: 'unlocked' }];
    await writeFile(join(dir, 'bucket.json'), JSON.stringify({ bucket: 'b', findings }));
    await run('soc2', '--bucket-check', join(dir, 'bucket.json'));
    const { rows } = await table('data-protection');
    const of = (section: string) => rows.filter((row) => row['section'] === section);
    expect(of('masking')).toEqual([
      expect.objectContaining({ item: 'email', server: 'team-a/files', value: 'token', count: 2 }),
      expect.objectContaining({ item: 'iban', server: 'team-a/files', value: 'drop', count: 1 }),
    ]);
    expect(of('lock')).toEqual([
      expect.objectContaining({ item: 'lock', value: 'unlocked', detail: expect.stringContaining('WRONG') as unknown }),
    ]);
    expect(of('finding')).toEqual([expect.objectContaining({ item: 'record.step_off', value: 'incomplete' })]);
  });

  test('an approval is one row, from the question to the end', async () => {
    await archive();
    await run();
    expect((await table('approvals')).rows).toEqual([
      expect.objectContaining({
        approval,
        state: 'approved',
        runs: true,
        caller: 'alice',
        tool: 'transfer',
        rule: 'large',
        needed: 1,
        decisions: expect.stringContaining('"subject":"bob"') as unknown,
      }),
    ]);
  });

  test('coverage shows each moment of a pod, recorded or not', async () => {
    const silent = { cluster: 'demo', namespace: 'team-a', pod: 'files-1', podUid: 'uid-1', workload: 'files' };
    const more = [
      { v: 1, type: 'pod.injected', ...silent, at: timeAt(52) },
      { v: 1, type: 'pod.deleted', ...silent, at: timeAt(54) },
      {
        v: 1,
        type: 'coverage.gap',
        cluster: 'demo',
        namespace: 'team-a',
        pod: 'bare-0',
        podUid: 'uid-2',
        reason: 'no_sidecar',
        at: timeAt(55),
      },
    ];
    await archive({ leaves: more });
    await run();
    const { rows, header } = await table('coverage');
    const shown = rows.map((row) => [row['pod'], row['kind'], row['seconds_in_period'], row['ended']]);
    expect(shown).toEqual([
      ['bare-0', 'ran without a recorder', '', ''],
      ['files-0', 'before the first stream', 60, ''],
      ['files-0', 'recorded', 49 * 60, 'closed'],
      ['files-0', 'after the last stream', 60, ''],
      ['files-1', 'no stream', 120, ''],
    ]);
    expect(header['counts']).toMatchObject({
      'pods without a stream': 1,
      'pods without a recorder': 1,
      'labelled pods': 2,
    });
  });

  test('populations give each criterion its totals', async () => {
    await archive();
    await run('hipaa');
    const { rows, header } = await table('populations');
    expect(header['framework']).toMatchObject({ id: 'hipaa' });
    const calls = rows.filter((row) => row['criterion'] === '164.312(a)' && row['population'] === 'calls');
    expect(calls).toEqual([expect.objectContaining({ total: 3, artefact: 'calls' })]);
    expect(rows.find((row) => row['population'] === 'calls refused')).toMatchObject({ total: 1 });
    expect(rows.find((row) => row['population'] === 'masking hits')).toMatchObject({ total: 3 });
  });
});

describe('recorded text does no harm', () => {
  test('a cell is no formula', async () => {
    await archive();
    await run();
    const csv = await text('access-matrix.csv');
    expect(csv).toContain(`"'=HYPERLINK(""http://evil""`);
    expect(csv).not.toMatch(/(^|,)"?[=+@]/m);
  });

  test('a page has no markup of others and no script', async () => {
    await archive();
    await run();
    const html = await text('access-matrix.html');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toContain('<script');
    expect(html).toContain(`default-src 'none'`);
  });

  test('each call is an event of OCSF, after the one that describes the export', async () => {
    await archive();
    await run();
    const events = (await text('calls.ocsf.jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const parsed = events.map((event) => apiActivity.parse(event));
    expect(parsed.map(({ status, severity_id }) => [status, severity_id])).toEqual([
      ['Success', 1],
      ['Success', 1],
      ['Failure', 3],
      ['Unknown', 2],
    ]);
    expect(parsed[1]).toMatchObject({
      type_uid: 600399,
      duration: 13,
      actor: { user: { uid: 'alice', groups: [{ name: 'dev' }] }, app_name: 'inspector' },
      api: { operation: 'read_file', service: { name: 'team-a/files', uid: 'tachograph://demo/team-a/files' } },
      metadata: { version: '1.8.0' },
      unmapped: { record_integrity: { line: 7, fingerprint: { algorithm: 'SHA-256' } } },
    });
  });

  test('each call is one line of CEF', async () => {
    await archive();
    await run();
    const lines = (await text('calls.cef')).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.every((line) => line.startsWith('CEF:0|Tachograph|Tachograph|'))).toBe(true);
    expect(lines[2]).toContain('|tools/call|=HYPERLINK("http://evil"');
    expect(lines[2]).toContain('cs1=\\=HYPERLINK(');
    expect(lines[2]).toContain('outcome=denied');
  });
});

test('only one namespace: the others are not there, and every file says so', async () => {
  await archive();
  await run('soc2', '--only-namespace', 'team-b');
  expect((await table('coverage')).rows).toEqual([]);
  expect((await table('populations')).header).toMatchObject({ filter: { namespace: 'team-b' }, counts: { calls: 0 } });
});

test('what is no archive is refused by name, before anything is written', async () => {
  await archive();
  const of = async (address: string): Promise<CliResult> => {
    const where = ['--policy', join(dir, 'policy.txt'), '--out', join(dir, 'out')];
    return runCli(['evidence', 'pci', '--from', day, '--to', day, '--archive', address, ...where]);
  };
  expect(await of(join(dir, 'policy.txt'))).toMatchObject({
    code: 64,
    err: expect.stringContaining('expected a bucket or a directory') as unknown,
  });
  expect(await of(join(dir, 'nowhere'))).toMatchObject({
    code: 3,
    err: expect.stringContaining('there is no') as unknown,
  });
  expect(await readdir(join(dir, 'out'))).toEqual([]);
});

test('a period that ends before it begins is refused', async () => {
  await archive();
  const { code, err } = await runCli([
    'evidence',
    'pci',
    '--from',
    '2026-11-20',
    '--to',
    '2026-11-01',
    '--archive',
    join(dir, 'archive'),
    '--policy',
    join(dir, 'policy.txt'),
    '--out',
    join(dir, 'out'),
  ]);
  expect([code, err]).toEqual([64, expect.stringContaining('expected --from before --to')]);
});
