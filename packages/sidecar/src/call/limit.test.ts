import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BundleGuard, BundleLimit } from '@tachograph/protocol';
import { createMetrics, type Metrics } from '@tachograph/service';
import { eventually, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import type { GuardPort } from './guard.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

const limit: BundleLimit = {
  policy: 'team/calm',
  owner: 'ops@team',
  name: 'calls',
  per: 'caller',
  calls: 2,
  seconds: 60,
};

let upstream: Upstream;
let harness: Harness;
let metrics: Metrics;
let nowNs = 1e9;

beforeEach(async () => {
  nowNs = 1e9;
  metrics = createMetrics();
  upstream = await startUpstream(answerJson({ content: [] }));
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

async function start(limits: readonly BundleLimit[], decide?: 'deny'): Promise<void> {
  harness = await startHarness({
    upstream: upstream.url,
    limits,
    metrics,
    clock: { nowMs: () => Date.UTC(2026, 0, 1), monotonicNs: () => nowNs },
    ...(decide === undefined ? {} : { decide: () => ({ verdict: 'deny', rule: 'never' }) }),
  });
}

const call = async (id: number): Promise<unknown> => (await post(`${harness.url}/mcp`, toolCall(id))).json();

describe('a call over a limit', () => {
  test('is answered as a tool error with a retry hint, and never reaches the server', async () => {
    await start([limit]);
    await call(1);
    await call(2);
    const text =
      'Denied by rule "calls" of policy "team/calm" (owner: ops@team): over the limit of 2 calls in 60 s for each caller; try again in 30 s';
    expect(await call(3)).toEqual({
      jsonrpc: '2.0',
      id: 3,
      result: {
        content: [{ type: 'text', text }],
        isError: true,
        resultType: 'complete',
        _meta: { 'dev.tachograph/retryAfterSeconds': 30 },
      },
    });
    expect(upstream.received.length).toBe(2);
    nowNs += 30e9;
    expect(await call(4)).toMatchObject({ result: { content: [] } });
  });

  test('is recorded with the decision before the answer leaves, and counted', async () => {
    await start([{ ...limit, calls: 1 }]);
    await call(1);
    const gate = Promise.withResolvers<void>();
    harness.recorder.gate = gate.promise;
    let answered = false;
    const answer = call(2).then((it) => {
      answered = true;
      return it;
    });
    const denied = () => harness.recorder.drafts.find((draft) => draft.decision?.verdict === 'deny')?.decision;
    await eventually(() => denied() !== undefined, 'the denial is recorded');
    const { rule, policy, verdict, reason } = denied() ?? {};
    expect([rule, policy, verdict, reason?.startsWith('over the limit')]).toEqual(['calls', 'team/calm', 'deny', true]);
    expect(answered).toBe(false);
    gate.resolve();
    await answer;
    expect(harness.sidecar.tally.counts()).toMatchObject({ limited: 1, denied: 1, forwarded: 1 });
    expect((await metrics.expose()).text).toContain('tachograph_limited_total{limit="calls",policy="team/calm"} 1');
  });

  test('that is no tool call is answered with an error and the hint in its data', async () => {
    await start([{ ...limit, calls: 1 }]);
    const read = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///a' } });
    await post(`${harness.url}/mcp`, read);
    expect(await (await post(`${harness.url}/mcp`, read)).json()).toMatchObject({
      id: 1,
      error: { code: 1429, data: { retryAfterSeconds: 60 } },
    });
  });

  test('is one of a batch as well, which then goes nowhere', async () => {
    await start([limit]);
    const batch = `[${toolCall(1)},${toolCall(2)},${toolCall(3)}]`;
    const answers: unknown = await (await post(`${harness.url}/mcp`, batch)).json();
    expect(answers).toMatchObject([
      { error: { code: 1424 } },
      { error: { code: 1424 } },
      { result: { isError: true } },
    ]);
    expect(upstream.received).toEqual([]);
  });

  test('was counted though the rules denied those before it', async () => {
    await start([limit], 'deny');
    const rules = [];
    for (const id of [1, 2, 3]) {
      await call(id);
      rules.push(harness.recorder.drafts.findLast(({ decision }) => decision !== undefined)?.decision?.rule);
    }
    expect(rules).toEqual(['never', 'never', 'calls']);
  });

  test('costs no guard anything', async () => {
    let judged = 0;
    const guards: BundleGuard[] = [{ policy: 'team/db', kind: 'sql', arguments: ['text'] }];
    const guardPort: GuardPort = {
      judge: async () => {
        judged += 1;
        return { verdict: 'read', verdicts: ['read'], reasons: [] };
      },
    };
    harness = await startHarness({ upstream: upstream.url, limits: [{ ...limit, calls: 1 }], guards, guardPort });
    await call(1);
    expect(judged).toBe(1);
    expect(await call(2)).toMatchObject({ result: { isError: true } });
    expect(judged).toBe(1);
  });
});
