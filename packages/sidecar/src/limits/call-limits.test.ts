import { describe, expect, test } from '@jest/globals';
import type { BundleLimit, Decision, PolicyCall } from '@tachograph/protocol';
import { compileLimits, createCallLimits, type CallLimits } from './call-limits.ts';
import { createBucketTable } from './bucket-table.ts';
import { toRate } from './token-bucket.ts';

const limit: BundleLimit = { policy: 'n/p', owner: 'ops', name: 'calm', per: 'caller', calls: 2, seconds: 60 };
const call = (subject: string, tool = 'read'): PolicyCall => ({
  method: 'tools/call',
  tool,
  subject,
  subjectType: 'human',
  groups: [],
  issuer: 'https://id',
});

interface Running {
  readonly limits: CallLimits;
  nowNs: number;
  take(limits: readonly BundleLimit[], ...calls: readonly PolicyCall[]): readonly (Decision | undefined)[];
}

function run(maxBuckets?: number): Running {
  const running: Running = {
    nowNs: 5e9,
    limits: createCallLimits({
      clock: { nowMs: () => 0, monotonicNs: () => running.nowNs },
      ...(maxBuckets === undefined ? {} : { maxBuckets }),
    }),
    take: (limits, ...calls) => calls.map((one) => running.limits.take(compileLimits(limits), one)),
  };
  return running;
}

const verdicts = (decisions: readonly (Decision | undefined)[]) => decisions.map((one) => one?.rule ?? 'passes');

describe('limits', () => {
  test('deny what is over, by name, policy and owner, and say when to come again', () => {
    const running = run();
    const [, , third] = running.take([limit], call('alice'), call('alice'), call('alice'));
    expect(third).toEqual({
      verdict: 'deny',
      rule: 'calm',
      policy: 'n/p',
      owner: 'ops',
      message: 'over the limit of 2 calls in 60 s for each caller; try again in 30 s',
      retryAfterSeconds: 30,
    });
    running.nowNs += 30e9;
    expect(running.take([limit], call('alice'))).toEqual([undefined]);
  });

  test('of callers are each caller’s own, whatever client and tool', () => {
    const calls = [call('alice'), { ...call('alice', 'write'), clientId: 'x' }, call('bob'), call('alice')];
    expect(verdicts(run().take([limit], ...calls))).toEqual(['passes', 'passes', 'passes', 'calm']);
    const other = { ...call('alice'), issuer: 'https://other' };
    expect(verdicts(run().take([limit], call('alice'), call('alice'), other))).toEqual(['passes', 'passes', 'passes']);
  });

  test('of tools are shared by callers, of the server by all', () => {
    const calls = [call('alice'), call('bob'), call('carol'), call('carol', 'write')];
    expect(verdicts(run().take([{ ...limit, per: 'tool' }], ...calls))).toEqual(['passes', 'passes', 'calm', 'passes']);
    expect(verdicts(run().take([{ ...limit, per: 'server' }], ...calls))).toEqual(['passes', 'passes', 'calm', 'calm']);
  });

  test('are for whom and what they say, and for plumbing only where they name it', () => {
    const only: BundleLimit = { ...limit, calls: 1, who: { subjects: ['bot-*'] }, what: { tools: ['write'] } };
    const calls = [call('alice', 'write'), call('alice', 'write'), call('bot-1', 'write'), call('bot-1', 'write')];
    expect(verdicts(run().take([only], ...calls))).toEqual(['passes', 'passes', 'passes', 'calm']);
    const list = { ...call('alice'), method: 'tools/list' };
    expect(verdicts(run().take([{ ...limit, calls: 1 }], list, list))).toEqual(['passes', 'passes']);
    const named = { ...limit, calls: 1, what: { methods: ['tools/list'] } };
    expect(verdicts(run().take([named], list, list))).toEqual(['passes', 'calm']);
  });

  test('take from all or from none, and name the one that lasts longest', () => {
    const running = run();
    const wide: BundleLimit = { ...limit, name: 'wide', calls: 3, seconds: 3600 };
    const tight: BundleLimit = { ...limit, name: 'tight', calls: 1, seconds: 10 };
    const both = [wide, tight];
    expect(verdicts(running.take(both, call('a'), call('a'), call('a'), call('a')))).toEqual([
      'passes',
      'tight',
      'tight',
      'tight',
    ]);
    running.nowNs += 10e9;
    expect(verdicts(running.take(both, call('a')))).toEqual(['passes']);
    running.nowNs += 10e9;
    expect(verdicts(running.take(both, call('a'), call('a')))).toEqual(['passes', 'wide']);
  });

  test('are not refilled by a bundle that says the same, and are by one that changes them', () => {
    const running = run();
    running.take([limit], call('a'), call('a'));
    expect(verdicts(running.take([{ ...limit }], call('a')))).toEqual(['calm']);
    expect(verdicts(running.take([{ ...limit, calls: 5 }], call('a')))).toEqual(['passes']);
  });

  test('are not refilled by a flood of other subjects', () => {
    const running = run(8);
    const perTool: BundleLimit = { ...limit, per: 'tool', calls: 1, seconds: 3600 };
    running.take([perTool], call('a', 'delete'));
    running.take([perTool], ...Array.from({ length: 100 }, (_, index) => call('a', `made-up-${index}`)));
    expect(verdicts(running.take([perTool], call('a', 'delete')))).toEqual(['calm']);
  });
});

describe('the table of buckets', () => {
  const rate = toRate({ calls: 1, seconds: 1 });

  test('stays within its bound, and makes room as buckets are full again', () => {
    const table = createBucketTable(100);
    for (let index = 0; index < 10_000; index++) table.take({ limit: 'l', subject: String(index) }, rate, 1e9 + index);
    expect(table.size).toBeLessThanOrEqual(101);
    table.take({ limit: 'l', subject: 'later' }, rate, 10e9);
    expect(table.size).toBeLessThanOrEqual(2);
  });

  test('gives subjects for whom there is no room one bucket for all, of their limit alone', () => {
    const table = createBucketTable(1);
    const slow = toRate({ calls: 1, seconds: 86_400 });
    const at = 1e9;
    table.take({ limit: 'slow', subject: 'first' }, slow, at);
    table.take({ limit: 'slow', subject: 'second' }, slow, at);
    expect(table.look({ limit: 'slow', subject: 'third' }, slow, at).kind).toBe('over');
    expect(table.look({ limit: 'fast', subject: 'third' }, rate, at).kind).toBe('taken');
  });
});
