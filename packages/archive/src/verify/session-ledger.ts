/** Step 8: what each session of a stream holds, recomputed from its lines. */
import { fromHex, toHex } from '../bytes.ts';
import { sessionCloseDetail, type SessionCloseDetail, type StoredRecord } from '@tachograph/protocol';
import type { LineFacts } from '../segment.ts';
import { createSessionRoot, type SessionRoot } from '../session-root.ts';
import type { Place } from './finding.ts';
import { sameTotals, type SessionTotals } from './session-totals.ts';
import { report, type Verification } from './verification.ts';

/** The sessions of one stream. */
export interface SessionLedger {
  take(line: LineFacts, place: Place): void;
  /** Lines first to last were not read. */
  addHole(first: number, last: number): void;
  /** Whether all lines of the range were read. */
  isWhole(first: number, last: number): boolean;
  /** Closings that were recomputed and hold; late records make a second one. */
  closings(session: string): readonly SessionCloseDetail[];
  /** Totals over all lines read. */
  totals(session: string): SessionTotals | undefined;
  /** Sessions with a `session.close`, and where it stands. */
  closed(): ReadonlyMap<string, Place>;
  /** All of it, as plain data. */
  state(): LedgerState;
}

/** A ledger, to go on from. */
export interface LedgerState {
  readonly holes: readonly Hole[];
  readonly sessions: readonly {
    readonly session: string;
    readonly first: number;
    readonly last: number;
    readonly count: number;
    /** Hex roots of the perfect subtrees over the session's lines. */
    readonly peaks: readonly string[];
    readonly closings: readonly SessionCloseDetail[];
    readonly closedAt?: Place;
  }[];
}

interface Hole {
  readonly first: number;
  readonly last: number;
}

interface Entry {
  readonly root: SessionRoot;
  readonly first: number;
  last: number;
  readonly closings: SessionCloseDetail[];
  closedAt: Place | undefined;
}

export function createSessionLedger(run: Verification, from?: LedgerState): SessionLedger {
  const entries = entriesOf(run, from);
  const holes: Hole[] = [...(from?.holes ?? [])];
  const isWhole = (first: number, last: number): boolean =>
    !holes.some((hole) => hole.first <= last && hole.last >= first);
  const entryOf = (session: string, seq: number): Entry => {
    const known = entries.get(session);
    if (known !== undefined) return known;
    const root = createSessionRoot(run.crypto);
    const created: Entry = { root, first: seq, last: seq, closings: [], closedAt: undefined };
    entries.set(session, created);
    return created;
  };
  const close = (session: string, record: StoredRecord, place: Place): void => {
    const detail = sessionCloseDetail.safeParse(record.detail);
    if (!detail.success) return report(run, 'session.close', place, 'session.close lacks its totals');
    if (!isWhole(detail.data.first, record.seq)) return;
    const entry = entries.get(session);
    if (entry !== undefined) entry.closedAt = place;
    if (entry === undefined || !sameTotals(detail.data, totalsOf(entry))) {
      return report(run, 'session.close', place, 'session.close does not have the totals of the lines before it');
    }
    entry.closings.push(detail.data);
    run.closings.set(session, entry.closings);
  };
  return {
    take({ session, seq, hash, kind, record }, place) {
      if (session === undefined) return;
      if (kind !== 'session.close') addLine(entryOf(session, seq), seq, hash);
      else if (record !== undefined) close(session, record, place);
    },
    addHole: (first, last) => void holes.push({ first, last }),
    isWhole,
    closings: (session) => entries.get(session)?.closings ?? [],
    totals(session) {
      const entry = entries.get(session);
      return entry === undefined ? undefined : totalsOf(entry);
    },
    state: () => ({ holes: [...holes], sessions: [...entries].map(([session, entry]) => stateOf(session, entry)) }),
    closed: () =>
      new Map([...entries].flatMap(([session, { closedAt }]) => (closedAt === undefined ? [] : [[session, closedAt]]))),
  };
}

function addLine(entry: Entry, seq: number, hash: string): void {
  entry.root.append(hash);
  entry.last = seq;
}

function totalsOf(entry: Entry): SessionTotals {
  return { count: entry.root.count, first: entry.first, last: entry.last, root: entry.root.root() };
}

function stateOf(session: string, { root, first, last, closings, closedAt }: Entry): LedgerState['sessions'][number] {
  const { size, peaks } = root.state();
  return {
    session,
    first,
    last,
    count: size,
    peaks: peaks.map(toHex),
    closings: [...closings],
    ...(closedAt === undefined ? {} : { closedAt }),
  };
}

function entriesOf(run: Verification, from: LedgerState | undefined): Map<string, Entry> {
  return new Map(
    from?.sessions.map(({ session, first, last, count, peaks, closings, closedAt }) => {
      const state = { size: count, peaks: peaks.map((peak) => fromHex(peak) ?? new Uint8Array()) };
      return [
        session,
        { root: createSessionRoot(run.crypto, state), first, last, closings: [...closings], closedAt },
      ] as const;
    }),
  );
}
