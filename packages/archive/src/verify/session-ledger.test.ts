import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createSessionRoot } from '../session-root.ts';
import type { LineFacts } from '../segment.ts';
import { gunzip, sourceOf } from '../testing/archive-fixture.ts';
import { nodeCrypto as crypto } from '../testing/node-crypto.ts';
import type { Finding } from './finding.ts';
import { createSessionLedger, type SessionLedger } from './session-ledger.ts';
import type { SessionTotals } from './session-totals.ts';
import { newVerification } from './verification.ts';

const hashOf = (seq: number): string => createHash('sha256').update(String(seq)).digest('hex');
const placeOf = (seq: number): { object: string; line: number } => ({ object: `s${Math.floor(seq / 3)}`, line: seq });

function newLedger(state?: ReturnType<SessionLedger['state']>): { ledger: SessionLedger; found: Finding[] } {
  const found: Finding[] = [];
  const ports = { source: sourceOf(new Map()), crypto, gunzip, progress: () => undefined };
  const scope = { inventory: new Map(), isSelected: () => true, nowMs: undefined };
  const run = newVerification({ ...ports, onFinding: (finding) => found.push(finding) }, scope);
  return { ledger: createSessionLedger(run, state), found };
}

function addLine(ledger: SessionLedger, session: string, seq: number): void {
  ledger.take(line({ session, seq, kind: 'mcp.request' }), placeOf(seq));
}

function close(ledger: SessionLedger, session: string, seq: number, totals: SessionTotals): void {
  const detail = { closed: 'idle', ...totals };
  const record = { v: 1, stream: 's', seq, prev: '', time: '', mono_ns: 0, kind: 'session.close', session, detail };
  ledger.take(line({ session, seq, kind: 'session.close', record } as Partial<LineFacts>), placeOf(seq));
}

function line(facts: Partial<LineFacts>): LineFacts {
  const seq = facts.seq ?? 0;
  return { number: seq + 1, hash: hashOf(seq), record: undefined, ...facts } as LineFacts;
}

function totalsOf(...seqs: readonly number[]): SessionTotals {
  const root = createSessionRoot(crypto);
  for (const seq of seqs) root.append(hashOf(seq));
  return { count: seqs.length, first: seqs[0] ?? 0, last: seqs.at(-1) ?? 0, root: root.root() };
}

describe.each([
  ['at once', (ledger: SessionLedger) => ledger],
  ['kept and gone on with', (ledger: SessionLedger) => newLedger(JSON.parse(JSON.stringify(ledger.state()))).ledger],
])('a ledger %s', (_, through) => {
  test('goes on with a closed session where late lines come, and closes it again', () => {
    const begun = newLedger();
    for (const seq of [1, 2, 4]) addLine(begun.ledger, 'a', seq);
    addLine(begun.ledger, 'b', 3);
    close(begun.ledger, 'a', 5, totalsOf(1, 2, 4));
    const ledger = through(begun.ledger);
    expect(ledger.closings('a')).toEqual([totalsOf(1, 2, 4)]);
    for (const seq of [6, 7]) addLine(ledger, 'a', seq);
    expect(ledger.totals('a')).toEqual(totalsOf(1, 2, 4, 6, 7));
    close(ledger, 'a', 8, totalsOf(1, 2, 4, 6, 7));
    expect(ledger.closings('a')).toEqual([totalsOf(1, 2, 4), totalsOf(1, 2, 4, 6, 7)]);
    expect([...ledger.closed()]).toEqual([['a', placeOf(8)]]);
    expect(ledger.totals('b')).toEqual(totalsOf(3));
    expect(ledger.state().sessions.map(({ session, count }) => [session, count])).toEqual([
      ['a', 5],
      ['b', 1],
    ]);
    expect(begun.found).toEqual([]);
  });

  test('says where a close does not have the totals of the lines before it, and goes on', () => {
    const begun = newLedger();
    addLine(begun.ledger, 'a', 1);
    close(begun.ledger, 'a', 2, totalsOf(7));
    close(begun.ledger, 'none', 3, totalsOf(3));
    expect(begun.found.map(({ kind, line: at }) => [kind, at])).toEqual([
      ['session.close', 2],
      ['session.close', 3],
    ]);
    const ledger = through(begun.ledger);
    addLine(ledger, 'a', 4);
    expect([ledger.closings('a'), ledger.totals('a')]).toEqual([[], totalsOf(1, 4)]);
    expect([...ledger.closed()]).toEqual([['a', placeOf(2)]]);
  });

  test('judges no close of lines that were not read', () => {
    const begun = newLedger();
    begun.ledger.addHole(2, 3);
    const ledger = through(begun.ledger);
    addLine(ledger, 'a', 4);
    close(ledger, 'a', 5, totalsOf(2, 3, 4));
    expect([ledger.closings('a'), [...ledger.closed()], ledger.isWhole(4, 9)]).toEqual([[], [], true]);
  });
});
