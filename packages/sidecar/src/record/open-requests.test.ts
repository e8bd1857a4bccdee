import { describe, expect, test } from '@jest/globals';
import type { RecordDraft } from '@tachograph/protocol';
import { OpenRequests } from './open-requests.ts';

const call: RecordDraft = { kind: 'mcp.request', dir: 'c2s', exchange: 1, session: 's', jsonrpc_request_id: '7' };
const answer: RecordDraft = { ...call, kind: 'mcp.response', dir: 's2c' };
const runs: RecordDraft = { ...call, kind: 'hold.decision', detail: { runs: true } };

function leftBy(...drafts: readonly RecordDraft[]): number[] {
  const requests = new OpenRequests();
  for (const [seq, draft] of drafts.entries()) requests.observe(seq, draft);
  return requests.list().map((request) => request.seq);
}

describe('a request', () => {
  test.each<[string, readonly RecordDraft[], readonly number[]]>([
    ['is open until its answer', [call], [0]],
    ['is ended by its answer', [call, answer], []],
    ['is ended by its answer on another exchange of the session', [call, { ...answer, exchange: 2 }], []],
    ['that was answered with a task is open again while it runs', [call, answer, runs], [2]],
    ['that runs is ended by its answer', [call, answer, runs, answer], []],
    ['that runs on the connection that it came on is open since it came', [call, runs], [0]],
    ['that was denied is not open again', [call, answer, { ...runs, detail: { runs: false } }], []],
    ['is not ended by the answer of another session', [call, { ...answer, exchange: 2, session: 't' }], [0]],
    ['is not ended by an answer with the id as text', [call, { ...answer, jsonrpc_request_id: '"7"' }], [0]],
    [
      'is not ended by the same id on another exchange while its own answer is to come',
      [call, { ...call, exchange: 2 }, answer],
      [1],
    ],
    [
      'of the server is ended by the answer of the client',
      [
        { ...call, dir: 's2c' },
        { ...answer, dir: 'c2s', exchange: 9 },
      ],
      [],
    ],
    ['of the server is not ended by an answer of the server', [{ ...call, dir: 's2c' }, answer], [0]],
    [
      'is ended by an outcome of its exchange',
      [call, { kind: 'http.exchange', exchange: 1, outcome: 'disconnected' }],
      [],
    ],
    ['that was refused at once is never open', [{ ...call, outcome: 'denied' }], []],
  ])('%s', (_name, drafts, left) => {
    expect(leftBy(...drafts)).toEqual(left);
  });
});
