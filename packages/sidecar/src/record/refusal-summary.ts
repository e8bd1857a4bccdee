import type { RecordDraft } from '@tachograph/protocol';
import type { RefusalCounter } from './recorder.ts';

type Refusal = Parameters<RefusalCounter['count']>[0];

/** Refusals of one source for one reason. */
interface Row extends Refusal {
  count: number;
}

/** A flood of sources costs this many rows; the rest is one number. */
const maxRows = 64;
const maxSourceLength = 128;

/** Reasons that mean: the call was refused because it could not be recorded. Those are gaps, not refused identities. */
const gapReasons: ReadonlySet<string> = new Set([
  'spool_full',
  'spool_error',
  'unarchived_too_old',
  'stream_conflict',
  'closed',
  'recorder',
]);

/** Counts of one interval. */
export class Tally {
  readonly #nowMs: () => number;
  #rows = new Map<string, Row>();
  #others = 0;
  #sinceMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get pending(): boolean {
    return this.#sinceMs !== undefined;
  }

  count(refusal: Refusal): void {
    const { source, reason, origin } = refusal;
    this.#sinceMs ??= this.#nowMs();
    const key = `${reason}|${origin}|${source}`;
    const row = this.#rows.get(key);
    if (row !== undefined) row.count += 1;
    else if (this.#rows.size >= maxRows) this.#others += 1;
    else this.#rows.set(key, { source: source.slice(0, maxSourceLength), reason, origin, count: 1 });
  }

  /** The interval's counts and bounds; the next interval begins. */
  take(): Readonly<Record<string, unknown>> {
    const nowMs = this.#nowMs();
    const counts = { from: isoOf(this.#sinceMs ?? nowMs), to: isoOf(nowMs), refused: [...this.#rows.values()] };
    const others = this.#others;
    this.#rows = new Map();
    this.#others = 0;
    this.#sinceMs = undefined;
    return { ...counts, others };
  }
}

/** Refused calls, kept apart: those without an acceptable identity, and those that recording could not take. */
export class RefusalSummary implements RefusalCounter {
  readonly refused: Tally;
  readonly gaps: Tally;

  constructor(nowMs: () => number) {
    this.refused = new Tally(nowMs);
    this.gaps = new Tally(nowMs);
  }

  count(refusal: Refusal): void {
    (gapReasons.has(refusal.reason) ? this.gaps : this.refused).count(refusal);
  }

  /** What is due, as records made when their turn comes: counts leave memory only with the line that carries them. */
  due(lastSeq: () => number): (() => RecordDraft)[] {
    const due: (() => RecordDraft)[] = [];
    if (this.refused.pending) due.push(() => ({ kind: 'auth.refused', detail: this.refused.take() }));
    if (this.gaps.pending) {
      due.push(() => ({ kind: 'gap', detail: { cause: 'calls_refused', after_seq: lastSeq(), ...this.gaps.take() } }));
    }
    return due;
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
