import { describe, expect, test } from '@jest/globals';
import type { RecordDraft } from '@tachograph/protocol';
import { createCallLog } from './call-log.ts';

const request: RecordDraft = { kind: 'mcp.request', dir: 'c2s', exchange: 1, jsonrpc_request_id: '7' };
const answer: RecordDraft = { ...request, kind: 'mcp.response', dir: 's2c', outcome: 'answered' };
const created: RecordDraft = { ...answer, detail: { task: 'created' } };

/** Outcomes of the calls in one stream. */
function outcomesOf(...drafts: readonly RecordDraft[]): readonly string[] {
  const outcomes: string[] = [];
  const log = createCallLog({ onCall: ({ outcome }) => outcomes.push(outcome) });
  for (const [seq, draft] of drafts.entries()) {
    const record = { ...draft, v: 1, stream: 's', seq, prev: '', time: '', mono_ns: seq } as const;
    log.takeRecord?.({ record, hash: '', index: 0, object: '', line: seq, server: undefined });
  }
  log.finish?.();
  return outcomes;
}

describe('a call', () => {
  test.each<[string, readonly RecordDraft[], readonly string[]]>([
    ['ends with its answer', [request, answer], ['answered']],
    ['without an answer has an unknown end', [request], ['unknown']],
    ['that became a task ends with what came of it', [request, created, { ...answer, outcome: 'denied' }], ['denied']],
    [
      'that became a task ends where it was cancelled',
      [request, created, { ...request, kind: 'http.exchange', dir: 's2c', outcome: 'cancelled' }],
      ['cancelled'],
    ],
    ['that became a task and was lost has an unknown end', [request, created], ['unknown']],
  ])('%s', (_what, drafts, outcomes) => {
    expect(outcomesOf(...drafts)).toEqual(outcomes);
  });
});
