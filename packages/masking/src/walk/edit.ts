import type { Finding } from '../detectors/detector.ts';
import { maskToken } from '../mask-token.ts';

/** Replace `text[start, end)` of the text that was walked. Replacements never need escaping in JSON. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly rule: string;
  /** JSON Pointer; within JSON in a string, the pointer of the string, `#`, and the inner pointer. */
  readonly path: string;
}

/** In order and without overlap: of two edits one of which holds the other, the outer stays. */
export function toOrderedEdits(edits: readonly Edit[]): readonly Edit[] {
  const sorted = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const kept: Edit[] = [];
  let reached = -1;
  for (const edit of sorted) {
    if (edit.start < reached) continue;
    kept.push(edit);
    reached = edit.end;
  }
  return kept;
}

/** Applies ordered edits; all other characters stay as they are. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, replacement } of edits) {
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** Edits of a text that begins at `base` of the text searched. */
export function toTextEdits(found: readonly Finding[], base: number): readonly Edit[] {
  return found.map(({ rule, start, end, isNumber }) => ({
    start: start - base,
    end: end - base,
    rule,
    path: '',
    replacement: isNumber === true ? '0' : maskToken(rule),
  }));
}
