import type { Finding } from '../detectors/detector.ts';
import { redact, type Replacement, type Replacer } from '../transforms/replacer.ts';

/** Replace `text[start, end)` of the text that was walked. Replacements never need escaping in JSON. */
export interface Edit extends Replacement {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  /** JSON Pointer; within JSON in a string, the pointer of the string, `#`, and the inner pointer. */
  readonly path: string;
  /** For the record only. Gives way to edits that are not weak. */
  readonly weak?: true;
  /** The findings in a blob that this edit writes anew: where each stands, for evidence. Never applied themselves. */
  readonly parts?: readonly Edit[];
}

/**
 * In order and without overlap; all that one of them covers stays covered. Of two edits one of which holds the other the
 * outer stays; of two that overlap otherwise the first, as far as the second reaches.
 */
export function toOrderedEdits(edits: readonly Edit[]): readonly Edit[] {
  if (areOrdered(edits)) return edits;
  const kept: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || edit.start >= last.end) kept.push(edit);
    else if (edit.end > last.end) kept[kept.length - 1] = { ...last, end: edit.end };
  }
  return kept;
}

function areOrdered(edits: readonly Edit[]): boolean {
  let reached = 0;
  for (const { start, end } of edits) {
    if (start < reached) return false;
    reached = end;
  }
  return true;
}

/** Pieces that are held before they become one. */
const maxPieces = 4096;

/** Applies ordered edits; all other characters stay as they are. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let pieces: string[] = [];
  let at = 0;
  for (const { start, end, replacement } of edits) {
    pieces.push(text.slice(at, start), replacement);
    at = end;
    if (pieces.length < maxPieces) continue;
    parts.push(pieces.join(''));
    pieces = [];
  }
  pieces.push(text.slice(at));
  parts.push(pieces.join(''));
  return parts.join('');
}

/** Where findings stand, and what the policy puts there. */
export interface EditedText {
  readonly text: string;
  readonly replacer: Replacer | undefined;
}

/** Edits of a text that begins at `base` of the text searched. `source` is that text; without it every rule redacts. */
export function toTextEdits(found: readonly Finding[], base: number, source?: EditedText): readonly Edit[] {
  return found.flatMap(({ rule, start, end, isNumber = false, weak }) => {
    const { text = '', replacer = redact } = source ?? {};
    const stands = replacer({ rule, value: text.slice(start, end), isNumber });
    if (stands === undefined) return [];
    const edit: Edit = { start: start - base, end: end - base, rule, path: '', ...stands };
    return [weak === true ? { ...edit, weak } : edit];
  });
}
