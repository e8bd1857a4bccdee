/** Step 8: what each session of a stream holds, recomputed from its lines. */
import { fromHex, toHex } from '../bytes.ts';
import { sessionCloseDetail, type StoredRecord } from '@tachograph/protocol';
import type { LineFacts } from '../segment.ts';
import { createSessionRoot, type SessionRoot } from '../session-root.ts';
import type { Place } from './finding.ts';
import { packSession, type SessionFacts, unpackSession } from './packed-session.ts';
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
  closings(session: string): readonly SessionTotals[];
  /** Totals over all lines read. */
  totals(session: string): SessionTotals | undefined;
  /** Sessions with a `session.close`, and where it stands. */
  closed(): Iterable<readonly [string, Place]>;
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
    readonly closings: readonly SessionTotals[];
    readonly closedAt?: Place;
  }[];
}

interface Hole {
  readonly first: number;
  readonly last: number;
}

/** A session that lines are still added to. */
interface OpenSession {
  readonly root: SessionRoot;
  readonly first: number;
  last: number;
  readonly closings: SessionTotals[];
  closedAt: SessionFacts['closedAt'];
}

/** A ledger that goes on from a state. */
export function createSessionLedger(run: Verification, from?: LedgerState): SessionLedger {
  return new Ledger(run, from);
}

class Ledger implements SessionLedger {
  readonly #run: Verification;
  /** Closed ones packed: a stream may have hundreds of thousands. In the order of their first lines. */
  readonly #sessions = new Map<string, OpenSession | string>();
  readonly #holes: Hole[];
  /** Objects that closings stand in, as they came. */
  readonly #objects: string[] = [];

  constructor(run: Verification, from: LedgerState | undefined) {
    this.#run = run;
    this.#holes = [...(from?.holes ?? [])];
    for (const { session, first, last, count, peaks, closings, closedAt } of from?.sessions ?? []) {
      const tree = { size: count, peaks: peaks.map((peak) => fromHex(peak) ?? new Uint8Array()) };
      const place = closedAt === undefined ? undefined : this.#toShort(closedAt);
      this.#sessions.set(session, packSession({ first, last, tree, closings, closedAt: place }));
    }
  }

  take({ session, seq, hash, kind, record }: LineFacts, place: Place): void {
    if (session === undefined) return;
    if (kind !== 'session.close') this.#addLine(session, seq, hash);
    else if (record !== undefined) this.#close(session, record, place);
  }

  addHole(first: number, last: number): void {
    this.#holes.push({ first, last });
  }

  isWhole(first: number, last: number): boolean {
    return !this.#holes.some((hole) => hole.first <= last && hole.last >= first);
  }

  closings(session: string): readonly SessionTotals[] {
    return this.#factsOf(session)?.closings ?? [];
  }

  totals(session: string): SessionTotals | undefined {
    const known = this.#sessions.get(session);
    return known === undefined ? undefined : totalsOf(this.#opened(known));
  }

  *closed(): Generator<readonly [string, Place], undefined> {
    for (const session of this.#sessions.keys()) {
      const place = this.#factsOf(session)?.closedAt;
      if (place !== undefined) yield [session, this.#toPlace(place)];
    }
  }

  state(): LedgerState {
    const sessions = [...this.#sessions.keys()].map((session) => this.#stateOf(session));
    return { holes: [...this.#holes], sessions };
  }

  #addLine(session: string, seq: number, hash: string): void {
    const entry = this.#openedAt(session, seq);
    entry.root.append(hash);
    entry.last = seq;
  }

  #openedAt(session: string, seq: number): OpenSession {
    const known = this.#sessions.get(session);
    if (known !== undefined && typeof known !== 'string') return known;
    const opened =
      known === undefined
        ? { root: createSessionRoot(this.#run.crypto), first: seq, last: seq, closings: [], closedAt: undefined }
        : this.#opened(known);
    this.#sessions.set(session, opened);
    return opened;
  }

  #close(session: string, record: StoredRecord, place: Place): void {
    const detail = sessionCloseDetail.safeParse(record.detail);
    if (!detail.success) return report(this.#run, 'session.close', place, 'session.close lacks its totals');
    const { closed: _, ...totals } = detail.data;
    if (!this.isWhole(totals.first, record.seq)) return undefined;
    const known = this.#sessions.get(session);
    const entry = known === undefined ? undefined : this.#opened(known);
    if (entry !== undefined) entry.closedAt = this.#toShort(place);
    const holds = entry !== undefined && sameTotals(totals, totalsOf(entry));
    if (holds) entry.closings.push(totals);
    if (entry !== undefined) this.#sessions.set(session, packSession(toFacts(entry)));
    if (holds) return undefined;
    return report(this.#run, 'session.close', place, 'session.close does not have the totals of the lines before it');
  }

  #opened(known: OpenSession | string): OpenSession {
    if (typeof known !== 'string') return known;
    const { first, last, tree, closings, closedAt } = unpackSession(known);
    return { root: createSessionRoot(this.#run.crypto, tree), first, last, closings: [...closings], closedAt };
  }

  #factsOf(session: string): SessionFacts | undefined {
    const known = this.#sessions.get(session);
    if (known === undefined) return undefined;
    return typeof known === 'string' ? unpackSession(known) : toFacts(known);
  }

  #stateOf(session: string): LedgerState['sessions'][number] {
    const facts = this.#factsOf(session);
    if (facts === undefined) throw new Error('a session of the ledger is not in it');
    const { first, last, tree, closings, closedAt } = facts;
    const common = { session, first, last, count: tree.size, peaks: tree.peaks.map(toHex), closings };
    return closedAt === undefined ? common : { ...common, closedAt: this.#toPlace(closedAt) };
  }

  #toShort({ object, line = 0 }: Place): { readonly object: number; readonly line: number } {
    if (this.#objects.at(-1) !== object) this.#objects.push(object);
    return { object: this.#objects.length - 1, line };
  }

  #toPlace({ object, line }: { readonly object: number; readonly line: number }): Place {
    return { object: this.#objects[object] ?? '', line };
  }
}

function toFacts({ root, first, last, closings, closedAt }: OpenSession): SessionFacts {
  return { first, last, tree: root.state(), closings, closedAt };
}

function totalsOf({ root, first, last }: OpenSession): SessionTotals {
  return { count: root.count, first, last, root: root.root() };
}
