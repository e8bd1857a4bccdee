import { afterEach, describe, expect, test } from '@jest/globals';
import type { Decision, RecordDraft } from '@tachograph/protocol';
import { post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness, type HarnessOptions } from '../testing/harness.ts';
import { createTestIssuer, type TestIssuer } from '../testing/issuer.ts';
import { createManualTimers, type ManualTimers } from '../testing/manual-timers.ts';
import { createMemoryApprovals, type MemoryApprovals } from '../testing/memory-approvals.ts';
import { answerJson, startUpstream, type Handler, type Upstream } from '../testing/upstream.ts';

const risky: Decision = {
  verdict: 'approve',
  rule: 'risky',
  policy: 'team/tools',
  owner: 'team-a@example.com',
  approve: { subjects: ['bob'], groups: ['ops'], count: 1, withinSeconds: 600 },
};
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (close) => close()));
});

interface Bench {
  readonly harness: Harness;
  readonly upstream: Upstream;
  readonly approvals: MemoryApprovals;
  readonly timers: ManualTimers;
  readonly issuer: TestIssuer;
  readonly call: (body: string, headers?: Record<string, string>) => Promise<Response>;
  readonly drafts: (kind: RecordDraft['kind']) => readonly RecordDraft[];
}

async function start(options: Partial<HarnessOptions> = {}, handler?: Handler): Promise<Bench> {
  const upstream = await startUpstream(handler ?? answerJson({ content: [{ type: 'text', text: 'done' }] }));
  const approvals = createMemoryApprovals();
  const timers = createManualTimers();
  const issuer = await createTestIssuer();
  const harness = await startHarness({
    upstream: upstream.url,
    approvals,
    timers,
    issuers: issuer.payload,
    decide: ({ method }) => (method === 'tools/call' ? risky : { verdict: 'allow' }),
    ...options,
  });
  opened.push(async () => harness.close(), async () => upstream.close());
  const token = await issuer.sign({ email: 'alice@example.com' });
  return {
    harness,
    upstream,
    approvals,
    timers,
    issuer,
    call: async (body, headers = {}) =>
      post(`${harness.url}/mcp`, body, { authorization: `Bearer ${token}`, ...headers }),
    drafts: (kind) => harness.recorder.drafts.filter((draft) => draft.kind === kind),
  };
}

/** The messages of an answer, whichever form it has. */
async function messagesOf(answer: Response): Promise<readonly Record<string, unknown>[]> {
  const text = await answer.text();
  if (answer.headers.get('content-type') === 'application/json') return [JSON.parse(text)];
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line): Record<string, unknown> => JSON.parse(line.slice(6)));
}

async function textOf(answer: Response): Promise<string> {
  const last = (await messagesOf(answer)).at(-1);
  return JSON.stringify(last?.['result'] ?? last?.['error']);
}

describe('a call that needs approval', () => {
  test('runs once when somebody else has approved it, and its records say who', async () => {
    const { call, approvals, upstream, drafts, harness } = await start();
    const answering = call(toolCall(7, 'the exact bytes'));
    const held = await approvals.held();
    expect(upstream.received).toHaveLength(0);
    expect(held).toMatchObject({
      tool: 'echo',
      arguments: '{"text":"the exact bytes"}',
      caller: { sub: 'alice', type: 'human', names: ['alice@example.com'] },
      approvers: { subjects: ['bob'], groups: ['ops'] },
      maskedValues: 0,
      judgedMasked: false,
    });
    approvals.decide('approve', 'bob');
    expect(await textOf(await answering)).toContain('done');
    expect(upstream.received.map(({ body }) => body)).toEqual([toolCall(7, 'the exact bytes')]);
    expect(drafts('mcp.request')[0]?.decision).toMatchObject({ verdict: 'approve', rule: 'risky', owner: risky.owner });
    expect(drafts('hold.open')[0]?.detail).toMatchObject({ approval: held.id, digest: held.digest, form: 'stream' });
    expect(drafts('hold.decision')[0]?.detail).toMatchObject({
      approval: held.id,
      state: 'consumed',
      runs: true,
      decisions: [{ subject: 'bob', verdict: 'approve', reason: 'bob says approve' }],
    });
    const kinds = ['mcp.request', 'hold.open', 'hold.decision', 'mcp.response'];
    expect(harness.recorder.drafts.map(({ kind }) => kind).filter((kind) => kinds.includes(kind))).toEqual(kinds);
  });
});
