/** A stream's segments: the newest in full, the older ones by their places in the log, where the rest can be read again. */
import { NumberColumn } from './number-column.ts';
import {
  firstOfObject,
  packSegment,
  rowBytes,
  spanOf,
  unpackSegment,
  type LoggedSegment,
  type SegmentNaming,
} from './segment-row.ts';

/** A segment as the list holds it. `past`: only its leaf at this log index tells the rest. */
export type ListedSegment =
  | { readonly kind: 'known'; readonly segment: LoggedSegment }
  | { readonly kind: 'past'; readonly index: number };

export interface SegmentList {
  readonly length: number;
  /** Bytes of its buffers. */
  readonly bytes: number;
  /** Takes the next segment of the log. */
  push(segment: LoggedSegment): void;
  /** The segment of this name. `past`: of the same first line, so that its leaf may be this object's or not. */
  find(object: string): ListedSegment | undefined;
  /** The segments with lines from `first` to `last`, in order. */
  overlapping(first: number, last: number): readonly ListedSegment[];
  clear(): void;
}

/** Two hours of a busy stream: sessions are rarely longer, and a lost answer is asked for again within minutes. */
const mostRows = 128;
const fewestRows = 4;

export function createSegmentList(naming: SegmentNaming): SegmentList {
  return new PackedSegments(naming);
}

interface PastSegment {
  readonly index: number;
  readonly first: number;
  readonly last: number;
}

const noRows = Buffer.alloc(0);
const noSegment: PastSegment = { index: 0, first: 0, last: -1 };

class PackedSegments implements SegmentList {
  readonly #naming: SegmentNaming;
  /** Older segments, three numbers each: log index and `first` from the segment before, lines but one. */
  readonly #past = new NumberColumn();
  #newestPast = noSegment;
  #rows = noRows;
  #rowCount = 0;
  /** What no row can hold, and what does not follow the segment before it: nothing that a controller writes. */
  #odd: LoggedSegment[] = [];
  #length = 0;

  constructor(naming: SegmentNaming) {
    this.#naming = naming;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#rows.length + this.#past.bytes;
  }

  push(segment: LoggedSegment): void {
    this.#length += 1;
    const newest = this.#rowCount === 0 ? this.#newestPast : spanOf(this.#row(this.#rowCount - 1));
    const follows = segment.first > newest.last && segment.last >= segment.first && segment.index >= newest.index;
    const row = follows ? packSegment(this.#naming, segment) : undefined;
    if (row === undefined) {
      this.#odd.push(segment);
      return;
    }
    this.#makeRoom();
    row.copy(this.#rows, this.#rowCount * rowBytes);
    this.#rowCount += 1;
  }

  find(object: string): ListedSegment | undefined {
    const odd = this.#odd.findLast((one) => one.object === object);
    if (odd !== undefined) return { kind: 'known', segment: odd };
    const first = firstOfObject(object);
    if (first === undefined) return undefined;
    const [listed] = this.#regular(first, first);
    if (listed === undefined) return undefined;
    const fits = listed.kind === 'known' ? listed.segment.object === object : listed.first === first;
    return fits ? toListed(listed) : undefined;
  }

  overlapping(first: number, last: number): readonly ListedSegment[] {
    const odd = this.#odd.filter((one) => one.first <= last && one.last >= first);
    const regular = this.#regular(first, last);
    if (odd.length === 0) return regular.map(toListed);
    const strange = odd.map((segment): Found => ({ kind: 'known', segment, first: segment.first }));
    return [...regular, ...strange].toSorted((one, other) => one.first - other.first).map(toListed);
  }

  clear(): void {
    this.#past.clear();
    this.#newestPast = noSegment;
    this.#rows = noRows;
    this.#rowCount = 0;
    this.#odd = [];
    this.#length = 0;
  }

  #regular(first: number, last: number): readonly Found[] {
    const found: Found[] = [];
    // Most questions are about the newest, and need not pass the others.
    if (this.#newestPast.last >= first) {
      for (const past of this.#pastSegments()) {
        if (past.first <= last && past.last >= first) found.push({ kind: 'past', ...past });
      }
    }
    for (let at = 0; at < this.#rowCount; at += 1) {
      const span = spanOf(this.#row(at));
      if (span.first > last || span.last < first) continue;
      found.push({ kind: 'known', segment: unpackSegment(this.#naming, this.#row(at)), first: span.first });
    }
    return found;
  }

  *#pastSegments(): Generator<PastSegment> {
    let index = 0;
    let last = -1;
    const numbers = this.#past.values()[Symbol.iterator]();
    for (let step = numbers.next(); step.done !== true; step = numbers.next()) {
      index += step.value;
      const first = last + 1 + Number(numbers.next().value);
      last = first + Number(numbers.next().value);
      yield { index, first, last };
    }
  }

  #row(at: number): Buffer {
    return this.#rows.subarray(at * rowBytes, (at + 1) * rowBytes);
  }

  #makeRoom(): void {
    if (this.#rowCount === mostRows) this.#retire(mostRows / 2);
    if (this.#rowCount * rowBytes < this.#rows.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(fewestRows, this.#rowCount * 2) * rowBytes);
    this.#rows.copy(grown);
    this.#rows = grown;
  }

  #retire(count: number): void {
    for (let at = 0; at < count; at += 1) {
      const span = spanOf(this.#row(at));
      this.#past.push(span.index - this.#newestPast.index);
      this.#past.push(span.first - this.#newestPast.last - 1);
      this.#past.push(span.last - span.first);
      this.#newestPast = span;
    }
    this.#rows.copyWithin(0, count * rowBytes, this.#rowCount * rowBytes);
    this.#rowCount -= count;
  }
}

type Found =
  | { readonly kind: 'known'; readonly segment: LoggedSegment; readonly first: number }
  | ({ readonly kind: 'past' } & PastSegment);

function toListed(found: Found): ListedSegment {
  return found.kind === 'known' ? { kind: 'known', segment: found.segment } : { kind: 'past', index: found.index };
}
