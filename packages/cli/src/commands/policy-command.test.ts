import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeRecord } from '@tachograph/archive';
import { objectNames, zeroHash, type RecordDraft, type SessionManifest } from '@tachograph/protocol';
import { createDirectoryStore } from '@tachograph/store';
import { runCli } from '../testing/run-cli.ts';

const session = '01932b00-0000-7000-8000-0000000000aa';
const stream = '01932b00-0000-7000-8000-000000000001';
const at = { cluster: 'demo', namespace: 'team-a', day: '2026-11-21' };

const team = `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: main, namespace: team-a }
spec:
  owner: payments-team
  default: deny
  rules:
    - { name: read, what: { tools: ["get_*"] }, verdict: allow }
    - { name: small, what: { tools: [pay] }, when: call.arguments.amount < 1000, verdict: allow }
    - name: large
      who: { groups: [payments] }
      what: { tools: [pay] }
      when: call.arguments.amount >= 1000
      verdict: approve
      approve: { groups: [controllers], count: 2, withinSeconds: 600 }
  guards:
    - { kind: sql, tools: [query], dialect: postgresql }
`;
const faulty = `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: one }
spec:
  defalt: deny
  masking: { off: [nothing] }
---
apiVersion: tachograph.dev/v1
kind: ClusterMcpPolicy
metadata: { name: two, namespace: x }
spec:
  rules:
    - name: a
      verdict: deny
      when: call.arg.x == 1
    - { name: a, verdict: deny, what: { tools: [ok, "[ab]"] } }
---
kind: Role
`;

let dir = '';
let policy = '';

function write(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tacho-policy-'));
  policy = write('team.yaml', team);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('tacho policy lint', () => {
  test('names every fault with its line and path', async () => {
    const file = write('faulty.yaml', faulty);
    const { code, out } = await runCli(['policy', 'lint', file, policy]);
    const found = out
      .trim()
      .split('\n')
      .map((line) => line.slice(file.length + 1, 60 + file.length));
    expect(found.map((line) => line.split(': ').slice(0, 2).join(' '))).toEqual([
      '5 spec.defalt',
      '6 spec.masking.off.0',
      '8 apiVersion',
      '10 metadata.namespace',
      '15 spec.rules[0].when',
      '16 spec.rules[1].name',
      '16 spec.rules[1].what.tools[1]',
      '18 kind',
      '18 apiVersion',
      '18 metadata.name',
    ]);
    expect(code).toBe(1);
  });

  test('finds nothing in a sound file', async () => {
    expect(await runCli(['policy', 'lint', policy])).toMatchObject({ code: 0, out: '1 policy, no faults\n' });
    const { out } = await runCli(['policy', 'lint', policy, policy, '--json']);
    expect(JSON.parse(out)).toMatchObject({ policies: 2, faults: [{ line: 3, path: 'metadata.name' }] });
  });

  test('tells the line of what is no YAML, and of a missing file its name', async () => {
    const file = write('broken.yaml', 'kind: McpPolicy\nspec: {');
    expect((await runCli(['policy', 'lint', file])).out).toMatch(/broken\.yaml:2: /);
    expect(await runCli(['policy', 'lint', join(dir, 'none.yaml')])).toMatchObject({ code: 3 });
  });
});

describe('tacho policy test', () => {
  const alice = '{"subject":"alice","groups":["payments"]}';

  async function ask(call: unknown, ...more: string[]) {
    const caller = write('alice.json', alice);
    const argv = [
      'policy',
      'test',
      '--policy',
      policy,
      '--namespace',
      'team-a',
      '--call',
      '-',
      '--caller',
      caller,
      ...more,
    ];
    return runCli(argv, { stdin: JSON.stringify(call) });
  }

  test.each<[string, unknown, object]>([
    ['a tool by its name', { tool: 'get_x' }, { verdict: 'allow', rule: 'read' }],
    ['a JSON-RPC request', { method: 'tools/call', params: { name: 'get_x' } }, { verdict: 'allow', rule: 'read' }],
    ['arguments', { tool: 'pay', arguments: { amount: 5 } }, { verdict: 'allow', rule: 'small' }],
    [
      'who must approve',
      { tool: 'pay', arguments: { amount: 5000 } },
      { verdict: 'approve', approve: { count: 2, groups: ['controllers'] } },
    ],
    [
      'a failing condition',
      { tool: 'pay', arguments: {} },
      { verdict: 'approve', rule: 'large', conditionFailed: true },
    ],
    [
      'a guard',
      { tool: 'query', arguments: { sql: 'DROP TABLE x' } },
      { verdict: 'deny', rule: 'guard:sql', owner: 'payments-team' },
    ],
    [
      'the default',
      { tool: 'other' },
      { verdict: 'deny', policy: 'team-a/main', why: expect.stringContaining('the default') },
    ],
  ])('judges %s', async (_what, call, expected) => {
    const { code, out } = await ask(call, '--json');
    expect(JSON.parse(out)).toMatchObject(expected);
    expect(code).toBe(0);
  });

  test('shows verdict, rule, why and every rule', async () => {
    const { code, out } = await ask({ tool: 'pay', arguments: { amount: 5000 } }, '--expect', 'approve');
    expect(out).toContain('verdict  approve\nrule     large\n');
    expect(out).toContain('approve  2 of group controllers within 600 s');
    expect(out).toMatch(/small +allow +condition false/);
    expect(code).toBe(0);
    expect((await ask({ tool: 'get_x' }, '--expect', 'deny')).code).toBe(1);
  });

  test('refuses what is no call, no caller and no sound policy', async () => {
    expect(await ask({ toll: 'x' })).toMatchObject({ code: 64, err: expect.stringContaining('expected a call') });
    expect(await ask([1])).toMatchObject({ code: 64, err: expect.stringContaining('a JSON object') });
    const bad = write('bad.yaml', faulty);
    expect(await runCli(['policy', 'test', '--policy', bad, '--call', '-'], { stdin: '{"tool":"x"}' })).toMatchObject({
      code: 64,
      err: expect.stringContaining('bad.yaml:5: spec.defalt: unknown field'),
    });
  });
});

describe('tacho policy matrix', () => {
  test('tells the right of everybody whom the policies name', async () => {
    const { out } = await runCli(['policy', 'matrix', '--policy', policy, '--format', 'json']);
    const { rows } = JSON.parse(out) as { rows: { principal: string; tool: string }[] };
    expect([...new Set(rows.map(({ principal }) => principal))]).toEqual(['group payments', '(anyone else)']);
    expect(rows.filter(({ principal }) => principal === 'group payments')).toMatchObject([
      { server: 'team-a/*', tool: 'get_*', right: 'allow', conditional: false, rule: 'read' },
      { tool: 'pay', right: 'deny', softest: 'allow', conditional: true },
      { tool: 'query', right: 'deny', conditional: false },
      { tool: '(any other tool)', right: 'deny', policy: 'team-a/main' },
    ]);
  });

  test('is about real callers and servers, without formulas in CSV', async () => {
    const staff = write(
      'staff.yaml',
      '[{ subject: "=cmd()" , groups: [payments] }, { name: CI, subject: "system:serviceaccount:ci:x" }]',
    );
    const servers = write(
      'servers.yaml',
      'kind: List\nitems: [{ kind: McpServer, metadata: { namespace: team-a, name: files }, status: { tools: [{ name: get_x }] } }]',
    );
    const argv = [
      'policy',
      'matrix',
      '--policy',
      policy,
      '--principals',
      staff,
      '--servers',
      servers,
      '--format',
      'csv',
    ];
    const { out } = await runCli(argv);
    expect(out.split('\r\n')).toEqual([
      'PRINCIPAL,SERVER,TOOL,RIGHT,CONDITIONAL,SOFTEST,RULE,POLICY',
      "'=cmd(),team-a/files,get_x,allow,,,read,team-a/main",
      "'=cmd(),team-a/files,(any other tool),deny,,,,team-a/main",
      'CI,team-a/files,get_x,allow,,,read,team-a/main',
      'CI,team-a/files,(any other tool),deny,,,,team-a/main',
      '',
    ]);
  });
});

describe('tacho policy replay', () => {
  test('shows the verdicts that would differ', async () => {
    const archive = await writeRecordings(join(dir, 'pulled'));
    const { code, out } = await runCli(['policy', 'replay', '--policy', policy, '--session', archive]);
    expect(out).toContain(
      '1 sessions, 5 calls judged anew: 2 as before, 2 differ; 1 could not be read; 1 had masked values',
    );
    expect(out).toContain('allow -> deny: 1, deny -> allow: 1');
    expect(out).toMatch(/team-a\/files +alice +tools\/call +drop +allow -> deny \* +default of team-a\/main/);
    expect(out).toMatch(/tools\/call +pay +deny -> allow +small/);
    expect(code).toBe(0);
    const json = await runCli(['policy', 'replay', '--policy', policy, '--session', archive, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      sessions: 1,
      calls: 5,
      differences: [{ seq: 1, masked: true }, { seq: 3 }],
    });
  });

  test('needs a session', async () => {
    const none = await runCli([
      'policy',
      'replay',
      '--policy',
      policy,
      '--session',
      join(dir, 'pulled'),
      '--only',
      'x',
    ]);
    expect(none).toMatchObject({ code: 3, err: expect.stringContaining('no session in') });
  });
});

async function writeRecordings(to: string): Promise<string> {
  const store = createDirectoryStore(to);
  const principal = { iss: 'i', sub: 'alice', type: 'human', groups: ['payments'] } as const;
  const call = (
    name: string,
    verdict: 'allow' | 'deny',
    args: unknown,
    more: Partial<RecordDraft> = {},
  ): RecordDraft => ({
    kind: 'mcp.request',
    session,
    dir: 'c2s',
    mcp_method_name: 'tools/call',
    principal,
    decision: { verdict },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
    ...more,
  });
  const drafts: RecordDraft[] = [
    call('get_x', 'allow', {}),
    call('drop', 'allow', {}, { mask: { rules: 'r', hits: 1 } }),
    call('pay', 'allow', { amount: 1 }),
    call('pay', 'deny', { amount: 1 }),
    { ...call('pay', 'allow', {}), body: 'cut off' },
    { kind: 'mcp.response', session, dir: 's2c', body: '{}' },
  ];
  const time = '2026-11-21T12:00:00.000Z';
  const lines = drafts.map((draft, seq) => encodeRecord({ stream, seq, prev: zeroHash, time, mono_ns: 1 }, draft));
  const object = objectNames.record(at, 'segment.jsonl.gz');
  await store.create(object, gzipSync(lines.map((line) => `${line}\n`).join('')));
  const manifest: SessionManifest = {
    v: 1,
    session,
    rev: 0,
    stream,
    cluster: 'demo',
    namespace: 'team-a',
    workload: 'files',
    pod: 'files-0',
    opened: time,
    ended: time,
    closed: 'delete',
    count: 6,
    first: 0,
    last: 5,
    root: '',
    segments: [{ object, generation: '1', sha256: '' }],
  };
  await store.create(objectNames.session(at, session, 0, '0'.repeat(16)), Buffer.from(JSON.stringify(manifest)));
  return to;
}
