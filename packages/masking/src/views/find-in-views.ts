import { toOrderedEdits, toTextEdits, type Edit } from '../walk/edit.ts';
import type { WalkTools } from '../walk/walk-tools.ts';
import { findInAlignedColumns } from './aligned-columns.ts';
import { findInBlobs } from './blob-edits.ts';
import { decodeCharacters, firstEncoded } from './character-view.ts';
import { findInColumns } from './columns.ts';
import { mergeEdits } from './merge-edits.ts';
import { readQuotedCells } from './quoted-cells.ts';
import { mayHoldBlob } from './text-blobs.ts';
import { toSourceEdits } from './text-view.ts';
import { readWrappedRuns } from './wrapped-runs.ts';

/**
 * Ordered edits for what a text holds in encoded characters, in blobs and under the headers of tables, beside `plain`:
 * what was found in the text as it stands. Encoded characters are decoded first, all at once; the other views are then
 * those of the decoded text, so that nothing is decoded twice at one depth.
 */
export function findInViews(text: string, plain: readonly Edit[], tools: WalkTools, nesting: number): readonly Edit[] {
  const view = decodeCharacters(text);
  if (view !== undefined) return toSourceEdits(view, tools.findInText(view.text, tools, nesting + 1));
  const inColumns = [...findInColumns(text, tools), ...findInAlignedColumns(text, tools.keys)];
  const columns = toTextEdits(inColumns, 0, { text, replacer: tools.replacer });
  const views = [...readQuotedCells(text), ...readWrappedRuns(text)];
  const inViews = views.flatMap((one) => toSourceEdits(one, tools.findInText(one.text, tools, nesting + 1)));
  const found = mergeEdits(toOrderedEdits(columns), toOrderedEdits(inViews));
  return mergeEdits(found, findInBlobs(text, mergeEdits(plain, found), tools, nesting));
}

/** A cheap look at a leaf, raw or decoded: false only where `findInViews` finds nothing that needs no key. */
export function mayHoldViews(text: string, start: number, end: number): boolean {
  return firstEncoded(text, start, end) >= 0 || mayHoldBlob(text, start, end);
}
