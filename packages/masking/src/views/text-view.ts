import { maskToken } from '../mask-token.ts';
import type { Edit } from '../walk/edit.ts';
import type { OffsetMap } from './offset-map.ts';

/** A text, or a stretch of it, with its encoded characters decoded once. */
export interface TextView {
  readonly text: string;
  readonly map: OffsetMap;
}

/**
 * Moves edits of a view to its source. Spans grow to whole characters of the source. A blob that is itself encoded in
 * characters goes as a whole.
 */
export function toSourceEdits({ map }: TextView, edits: readonly Edit[]): readonly Edit[] {
  const move = (edit: Edit): Edit => ({
    ...edit,
    start: map.toSourceStart(edit.start),
    end: map.toSourceEnd(edit.end),
  });
  return edits.map((edit) => {
    if (edit.parts === undefined) return move(edit);
    const parts = edit.parts.map((part) => move(part));
    const isIdentical = map.isIdentical(edit.start, edit.end);
    return { ...move(edit), parts, ...(isIdentical ? {} : { replacement: maskToken(edit.rule) }) };
  });
}
