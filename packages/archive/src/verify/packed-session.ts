/** A session that was closed, in some 250 bytes: late records may still come, and its manifest is looked at last. */
import { fromHex, toHex } from '../bytes.ts';
import { onesOf, type TreeState } from '../merkle.ts';
import { PackedReader, PackedWriter } from './packed-bytes.ts';
import type { SessionTotals } from './session-totals.ts';

/** What a ledger keeps of a session. */
export interface SessionFacts {
  readonly first: number;
  readonly last: number;
  /** Over its lines. */
  readonly tree: TreeState;
  /** Closings that were recomputed and hold. */
  readonly closings: readonly SessionTotals[];
  /** Where its newest `session.close` stands. `object`: a number of the ledger's own. */
  readonly closedAt: { readonly object: number; readonly line: number } | undefined;
}

/** As a text of one character a byte: a short array would cost more than what is in it. */
export function packSession({ first, last, tree, closings, closedAt }: SessionFacts): string {
  const out = new PackedWriter(new Uint8Array(256));
  for (const number of [first, last, tree.size]) out.number(number);
  for (const peak of tree.peaks) out.text(toHex(peak), '');
  out.number(closings.length);
  for (const totals of closings) {
    for (const number of [totals.count, totals.first, totals.last]) out.number(number);
    out.text(totals.root, '');
  }
  out.number(closedAt === undefined ? -1 : closedAt.object);
  out.number(closedAt?.line ?? 0);
  return String.fromCharCode(...out.bytes.subarray(0, out.length));
}

/** What `packSession` was given. */
export function unpackSession(text: string): SessionFacts {
  const from = new PackedReader(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  const [first, last, size] = [from.number(), from.number(), from.number()];
  const peaks = Array.from({ length: onesOf(size) }, () => fromHex(from.text('')) ?? new Uint8Array());
  const closings = Array.from({ length: from.number() }, () => readTotals(from));
  const [object, line] = [from.number(), from.number()];
  return { first, last, tree: { size, peaks }, closings, closedAt: object < 0 ? undefined : { object, line } };
}

function readTotals(from: PackedReader): SessionTotals {
  return { count: from.number(), first: from.number(), last: from.number(), root: from.text('') };
}
