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
 * Ordered edits for what a text holds in encoded characters, in quoted cells, in blobs and under the headers of tables,
 * beside `plain`: what was found in the text as it stands. Each view is searched as a text is, one level deeper.
 */
export function findInViews(text: string, plain: readonly Edit[], tools: WalkTools, nesting: number): readonly Edit[] {
  const inColumns = [...findInColumns(text, tools), ...findInAlignedColumns(text, tools.keys)];
  let found = toOrderedEdits(toTextEdits(inColumns, 0, { text, replacer: tools.replacer }));
  // The views of one kind stand apart, those of two kinds need not.
  for (const views of [decodeCharacters(text), readQuotedCells(text), readWrappedRuns(text)]) {
    const edits = views.flatMap((one) => toSourceEdits(one, tools.findInText(one.text, tools, nesting + 1)));
    found = mergeEdits(found, edits);
  }
  return mergeEdits(found, findInBlobs(text, mergeEdits(plain, found), tools, nesting));
}

/** A cheap look at a leaf, raw or decoded: false only where `findInViews` finds nothing that needs no key. */
export function mayHoldViews(text: string, start: number, end: number): boolean {
  return firstEncoded(text, start, end) >= 0 || mayHoldBlob(text, start, end);
}
