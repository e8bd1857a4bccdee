import type { Edit } from './edit.ts';

const backslash = 0x5c;
const letterU = 0x75;

/**
 * Moves ordered edits of a decoded string to where they stand in the raw JSON token whose content begins at `rawStart`:
 * one pass over the token, as far as the last edit.
 */
export function toRawEdits(raw: string, rawStart: number, edits: readonly Edit[]): readonly Edit[] {
  const moved: Edit[] = [];
  let decodedAt = 0;
  let rawAt = rawStart;
  const seek = (decoded: number): number => {
    for (; decodedAt < decoded; decodedAt += 1) rawAt += unitLength(raw, rawAt);
    return rawAt;
  };
  const move = (edit: Edit): Edit => {
    const start = seek(edit.start);
    const parts = edit.parts?.map(move);
    const end = seek(edit.end);
    return { ...edit, start, end, ...(parts === undefined ? {} : { parts }) };
  };
  for (const edit of edits) moved.push(move(edit));
  return moved;
}

/** Raw characters that stand for one UTF-16 unit. */
function unitLength(raw: string, at: number): number {
  if (raw.charCodeAt(at) !== backslash) return 1;
  return raw.charCodeAt(at + 1) === letterU ? 6 : 2;
}
