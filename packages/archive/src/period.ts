/** Period manifests (`archive-format.md`, Periods): what an hour added to the log, counted alike by writer and verifier. */
import { canonicalJson, type Leaf, type PeriodManifestLeaf } from '@tachograph/protocol';
import { toHex } from './bytes.ts';

/** Length of a period: one UTC hour, in milliseconds. */
export const hourMs = 3_600_000;

const lastMs = Date.UTC(9999, 0);

/** Counts leaves in log order, from one period manifest to the next. */
export interface PeriodCounter {
  /** Takes the next leaf in. A period manifest ends its hour, whatever it says. */
  add(leaf: Leaf): void;
  /** The hour that the next manifest speaks of, in epoch milliseconds; `undefined` while nothing was counted. */
  due(): { readonly fromMs: number; readonly toMs: number } | undefined;
  /** The manifest for that hour, as it must stand at index `size` behind a tree of this root. */
  manifest(facts: PeriodFacts): PeriodManifestLeaf | undefined;
}

/** What a manifest states beside the counts. `size`, `root`: of the log before the manifest. */
export interface PeriodFacts {
  readonly cluster: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** RFC 3339. */
  readonly at: string;
}

type Counts = Record<
  'opened' | 'closed' | 'lost' | 'segments' | 'records' | 'sessions' | 'injected' | 'deleted' | 'rejected' | 'gaps',
  number
>;

const noCounts = (): Counts => ({
  opened: 0,
  closed: 0,
  lost: 0,
  segments: 0,
  records: 0,
  sessions: 0,
  injected: 0,
  deleted: 0,
  rejected: 0,
  gaps: 0,
});

const countedAs: ReadonlyMap<Leaf['type'], keyof Counts> = new Map([
  ['stream.open', 'opened'],
  ['stream.close', 'closed'],
  ['stream.lost', 'lost'],
  ['segment', 'segments'],
  ['pod.injected', 'injected'],
  ['pod.deleted', 'deleted'],
  ['pod.rejected', 'rejected'],
  ['coverage.gap', 'gaps'],
]);

/** A session is counted by its first manifest: answers that came late give it further ones. */
function countOf(leaf: Leaf): keyof Counts | undefined {
  if (leaf.type === 'session.manifest') return leaf.rev === 0 ? 'sessions' : undefined;
  return countedAs.get(leaf.type);
}

/** A counter for a log from its first leaf. Holds the ids of open and lost streams. */
export function createPeriodCounter(): PeriodCounter {
  return new Counter();
}

class Counter implements PeriodCounter {
  #counts = noCounts();
  #late = 0;
  readonly #open = new Set<string>();
  readonly #lost = new Set<string>();
  #fromMs: number | undefined;

  add(leaf: Leaf): void {
    if (leaf.type === 'period.manifest') {
      const toMs = Date.parse(leaf.to);
      // Not later than what can be written as a time again.
      this.#fromMs = toMs <= lastMs ? toMs : this.#fromMs;
      this.#counts = noCounts();
      this.#late = 0;
      return;
    }
    this.#fromMs ??= hourOf('at' in leaf ? leaf.at : leaf.receivedAt);
    const counted = countOf(leaf);
    if (counted !== undefined) this.#counts[counted] += 1;
    this.#follow(leaf);
  }

  due(): { readonly fromMs: number; readonly toMs: number } | undefined {
    return this.#fromMs === undefined ? undefined : { fromMs: this.#fromMs, toMs: this.#fromMs + hourMs };
  }

  manifest({ cluster, size, root, at }: PeriodFacts): PeriodManifestLeaf | undefined {
    const due = this.due();
    if (due === undefined) return undefined;
    const { opened, closed, lost, segments, records, sessions, ...pods } = this.#counts;
    return {
      v: 1,
      type: 'period.manifest',
      cluster,
      from: new Date(due.fromMs).toISOString(),
      to: new Date(due.toMs).toISOString(),
      log: { size, root: toHex(root) },
      streams: { opened, closed, lost, open: this.#open.size },
      segments,
      records,
      sessions,
      pods,
      late: this.#late,
      ...(Date.parse(at) >= due.toMs + hourMs ? { backfill: true as const } : {}),
      at,
    };
  }

  #follow(leaf: Leaf): void {
    if (leaf.type === 'stream.open') {
      this.#open.add(leaf.stream);
      if (leaf.late === true) this.#late += 1;
    } else if (leaf.type === 'stream.close' || leaf.type === 'stream.lost') {
      this.#open.delete(leaf.stream);
      if (leaf.type === 'stream.lost') this.#lost.add(leaf.stream);
    } else if (leaf.type === 'segment') {
      this.#counts.records += leaf.last - leaf.first + 1;
      if (this.#lost.has(leaf.stream)) this.#late += 1;
    }
  }
}

function hourOf(time: string): number | undefined {
  const ms = Date.parse(time);
  return ms <= lastMs ? Math.floor(ms / hourMs) * hourMs : undefined;
}

/** The first field in which a manifest is not what the leaves before it amount to; `undefined`: it is. */
export function differsFrom(stated: PeriodManifestLeaf, expected: PeriodManifestLeaf | undefined): string | undefined {
  if (expected === undefined) return 'from';
  const left = new Map<string, unknown>(Object.entries(stated));
  const right = new Map<string, unknown>(Object.entries(expected));
  return [...new Set([...right.keys(), ...left.keys()])].find((field) => textOf(left, field) !== textOf(right, field));
}

function textOf(fields: ReadonlyMap<string, unknown>, field: string): string | undefined {
  const value = fields.get(field);
  return value === undefined ? undefined : canonicalJson(JSON.stringify(value));
}
