/** A rule's condition judges the bytes that go on, and those only. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compileBundle, decide, loadConditions } from '@tachograph/policy';
import type { BundleRule } from '@tachograph/protocol';
import { post } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;

const rules: BundleRule[] = [
  {
    policy: 'n/p',
    name: 'limit',
    when: 'call.arguments.amount > 9007199254740992',
    verdict: 'deny',
    owner: 'treasury',
  },
  {
    policy: 'n/p',
    name: 'secret',
    when: 'has(call.arguments.note) && call.arguments.note.contains("ghp_")',
    verdict: 'deny',
  },
];

beforeEach(async () => {
  const conditions = await loadConditions();
  const bundle = compileBundle(
    {
      v: 1,
      workload: 'tachograph://c/n/w',
      version: 1,
      issuedAt: '',
      notAfter: '',
      default: 'allow',
      rules,
      masking: {},
      durabilityFloor: 'process',
    },
    conditions,
  );
  upstream = await startUpstream(answerJson({ text: 'done' }));
  harness = await startHarness({
    upstream: upstream.url,
    decide: (judged) => decide(bundle, judged),
    judgedArguments: 'all',
  });
});
afterEach(async () => {
  await harness.close();
  await upstream.close();
});

function messageOf(id: number, args: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"pay","arguments":${args}}}`;
}

function listOf(count: number): string {
  return `{"amount":1,"list":[${Array.from({ length: count }, () => '1').join(',')}]}`;
}

async function call(args: string): Promise<string> {
  return (await post(`${harness.url}/mcp`, messageOf(1, args))).text();
}

describe('conditions', () => {
  test('tell integers beyond the doubles apart', async () => {
    expect(await call('{"amount":9007199254740993}')).toContain(
      'Denied by rule \\"limit\\" of policy \\"n/p\\" (owner: treasury)',
    );
    expect(upstream.received).toHaveLength(0);
    expect(await call('{"amount":9007199254740992}')).toContain('done');
    expect(upstream.received).toHaveLength(1);
  });

  test('that fail deny, and the answer says so', async () => {
    expect(await call('{"amount":"many"}')).toContain('its condition could not be evaluated');
    expect(await call('{}')).toContain('its condition could not be evaluated');
    const [recorded] = harness.recorder.drafts.filter(({ kind }) => kind === 'mcp.request');
    expect(recorded?.decision).toEqual({
      verdict: 'deny',
      rule: 'limit',
      policy: 'n/p',
      owner: 'treasury',
      condition_failed: true,
    });
    expect(upstream.received).toHaveLength(0);
  });

  test('about arguments fail where there are too many values to read them exactly', async () => {
    expect(await call(listOf(9_000))).toContain('done');
    expect(await call(listOf(10_001))).toContain('its condition could not be evaluated');
    expect(await call(`{"amount":1,"text":"${'x'.repeat(100_000)}"}`)).toContain('done');
  });

  test('see what masking hides from the record', async () => {
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    expect(await call(`{"amount":1,"note":"${secret}"}`)).toContain('rule \\"secret\\"');
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test('judge each message of a batch by its own arguments', async () => {
    const answer = await post(
      `${harness.url}/mcp`,
      `[${messageOf(1, '{"amount":5}')},${messageOf(2, '{"amount":9007199254740994}')}]`,
    );
    expect(await answer.text()).toContain('rule \\"limit\\"');
    expect(upstream.received).toHaveLength(0);
  });
});
