/** A sidecar with approvals in memory and timers that a test moves, for calls that are held. */
import type { Decision, RecordDraft } from '@tachograph/protocol';
import { post } from './client.ts';
import { startHarness, type Harness, type HarnessOptions } from './harness.ts';
import { createTestIssuer, type TestIssuer } from './issuer.ts';
import { createManualTimers, type ManualTimers } from './manual-timers.ts';
import { createMemoryApprovals, type MemoryApprovals } from './memory-approvals.ts';
import { answerJson, startUpstream, type Handler, type Upstream } from './upstream.ts';

/** What the rule of the tests says to every tool call. */
export const risky: Decision = {
  verdict: 'approve',
  rule: 'risky',
  policy: 'team/tools',
  owner: 'team-a@example.com',
  approve: { subjects: ['bob'], groups: ['ops'], count: 1, withinSeconds: 600 },
};

export interface HoldBench {
  readonly harness: Harness;
  readonly upstream: Upstream;
  readonly approvals: MemoryApprovals;
  readonly timers: ManualTimers;
  readonly issuer: TestIssuer;
  /** As alice. */
  readonly call: (body: string, headers?: Record<string, string>, signal?: AbortSignal) => Promise<Response>;
  readonly token: string;
  readonly drafts: (kind: RecordDraft['kind']) => readonly RecordDraft[];
  readonly close: () => Promise<void>;
}

export async function startHoldBench(options: Partial<HarnessOptions> = {}, handler?: Handler): Promise<HoldBench> {
  const upstream = await startUpstream(handler ?? answerJson({ content: [{ type: 'text', text: 'done' }] }));
  const approvals = createMemoryApprovals();
  const timers = createManualTimers();
  const issuer = await createTestIssuer();
  const harness = await startHarness({
    upstream: upstream.url,
    approvals,
    timers,
    issuers: issuer.payload,
    decide: ({ method }) => (['initialize', 'notifications/cancelled'].includes(method) ? { verdict: 'allow' } : risky),
    ...options,
  });
  const token = await issuer.sign({ email: 'alice@example.com' });
  return {
    harness,
    upstream,
    approvals,
    timers,
    issuer,
    token,
    call: async (body, headers = {}, signal) =>
      post(`${harness.url}/mcp`, body, { authorization: `Bearer ${token}`, ...headers }, signal),
    drafts: (kind) => harness.recorder.drafts.filter((draft) => draft.kind === kind),
    close: async () => {
      await harness.close();
      await upstream.close();
    },
  };
}

/** The messages of an answer, whichever form it has. */
export async function messagesOf(answer: Response): Promise<readonly Record<string, unknown>[]> {
  const text = await answer.text();
  if (answer.headers.get('content-type') === 'application/json') return [JSON.parse(text)];
  return text
    .split('\n\n')
    .map((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
    .filter((lines) => lines.some((line) => line.length > 6))
    .map((lines): Record<string, unknown> => JSON.parse(lines.map((line) => line.slice(6)).join('\n')));
}

/** Result or error of the last message. */
export async function textOf(answer: Response): Promise<string> {
  const last = (await messagesOf(answer)).at(-1);
  return JSON.stringify(last?.['result'] ?? last?.['error']);
}
