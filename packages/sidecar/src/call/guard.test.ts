import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { compileBundle, decide } from '@tachograph/policy';
import type { BundleGuard, BundlePayload } from '@tachograph/protocol';
import { silentLogger } from '@tachograph/service';
import { createGuardThread } from '../guards/guard-thread.ts';
import { messagesOf, startHoldBench, textOf, type HoldBench } from '../testing/hold-bench.ts';
import { openBundle } from '../testing/open-bundle.ts';
import type { GuardPort } from './guard.ts';

const guards: BundleGuard[] = [{ policy: 'team/db', owner: 'dba@example.com', kind: 'sql', tools: ['query'] }];
const payload: BundlePayload = { ...openBundle, guards };
const bundle = compileBundle(payload);
const thread = createGuardThread({ log: silentLogger, loadMs: 30_000, deadlineMs: 20_000 });
const benches: HoldBench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});
afterAll(async () => thread.close());

async function start(guardPort: GuardPort = thread): Promise<HoldBench> {
  const bench = await startHoldBench({ guards, guardPort, decide: (call) => decide(bundle, call) });
  benches.push(bench);
  return bench;
}

function query(sql: string, id = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'query', arguments: { sql } } });
}

describe('a guarded call', () => {
  test('that deletes everything never reaches the server, and the model reads why', async () => {
    const { call, upstream, drafts } = await start();
    const [message] = await messagesOf(await call(query('DELETE FROM users')));
    expect(message).toMatchObject({ result: { isError: true } });
    expect(JSON.stringify(message)).toMatch(/unbounded write.*/);
    expect(JSON.stringify(message)).toContain('dba@example.com');
    expect(upstream.received).toHaveLength(0);
    expect(drafts('mcp.request')[0]?.decision).toMatchObject({
      verdict: 'deny',
      rule: 'guard:sql',
      guard: [{ kind: 'sql', verdict: 'unbounded_write' }],
    });
  });

  test('that reads goes through, its finding on record', async () => {
    const { call, upstream, drafts } = await start();
    expect(await textOf(await call(query('SELECT 1')))).toContain('done');
    expect(upstream.received).toHaveLength(1);
    expect(drafts('mcp.request')[0]?.decision).toMatchObject({ verdict: 'allow', guard: [{ verdict: 'read' }] });
  });

  test('that nobody can read is held, and runs once a person has read it', async () => {
    const { call, upstream, approvals } = await start();
    const answering = call(query('SELEKT 1 FRM'));
    expect(await approvals.held()).toMatchObject({ rule: 'guard:sql', policy: 'team/db' });
    approvals.decide('approve', 'bob');
    expect(await textOf(await answering)).toContain('done');
    expect(upstream.received).toHaveLength(1);
  });

  test('in which masking hides something of the command cannot be approved', async () => {
    const { call, approvals } = await start();
    const answering = call(query("SELEKT 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'"));
    expect(await approvals.held()).toMatchObject({ maskedValues: 1, judgedMasked: true });
    approvals.decide('deny', 'bob');
    await answering;
  });

  test('is asked about once for each text, and never where no guard is for the tool', async () => {
    const texts: unknown[] = [];
    const { call } = await start({
      judge: async ({ text }) => {
        texts.push(text);
        return { verdict: 'read', verdicts: ['read'], reasons: [] };
      },
    });
    const other = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'echo', arguments: { sql: 'x' } },
    });
    await call(other);
    expect(texts).toEqual([]);
    await call(query('SELECT 2'));
    expect(texts).toEqual(['SELECT 2']);
  });
});

describe('a tool that calls itself destructive', () => {
  const list = JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'tools/list' });
  let annotations: object = {};

  async function raising(destructiveHint: 'ignore' | 'raise'): Promise<HoldBench> {
    const one: BundleGuard = { ...guards[0]!, destructiveHint, verdicts: { bounded_write: 'deny' } };
    const compiled = compileBundle({ ...openBundle, guards: [one] });
    const bench = await startHoldBench(
      { guards: [one], guardPort: thread, decide: (call) => decide(compiled, call) },
      ({ body }, res) => {
        const { id, method } = JSON.parse(body);
        const listed = { tools: [{ name: 'query', inputSchema: { type: 'object' }, annotations }] };
        const result = method === 'tools/list' ? listed : { content: [{ type: 'text', text: 'done' }] };
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      },
    );
    benches.push(bench);
    return bench;
  }

  test('has no read any more, whatever it says later', async () => {
    const { call, drafts } = await raising('raise');
    annotations = { readOnlyHint: true };
    await (await call(list)).text();
    expect(await textOf(await call(query('SELECT 1')))).toContain('done');
    annotations = { destructiveHint: true };
    await (await call(list)).text();
    expect(await textOf(await call(query('SELECT 1')))).toContain('calls itself destructive');
    annotations = { destructiveHint: false };
    await (await call(list)).text();
    expect(await textOf(await call(query('SELECT 1')))).toContain('calls itself destructive');
    expect(drafts('mcp.request').at(-1)?.decision).toMatchObject({
      verdict: 'deny',
      guard: [{ verdict: 'bounded_write', reasons: ['the tool calls itself destructive'] }],
    });
  });

  test('is not believed where the policy does not ask for it', async () => {
    const { call } = await raising('ignore');
    annotations = { destructiveHint: true };
    await (await call(list)).text();
    expect(await textOf(await call(query('SELECT 1')))).toContain('done');
  });
});
