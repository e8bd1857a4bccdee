import { maskLimits } from '../limits.ts';
import { findJsonSpans, isDataLine, looksLikeJson } from '../views/embedded-json.ts';
import { findInViews } from '../views/find-in-views.ts';
import { mergeEdits } from '../views/merge-edits.ts';
import { toOrderedEdits, toTextEdits, type Edit } from './edit.ts';
import { walkJson } from './json-walk.ts';
import type { WalkTools } from './walk-tools.ts';

/**
 * Ordered edits of a string's decoded content: of the JSON in it if it is JSON, else of the text and of what it holds in
 * other encodings, to `maskLimits.maxNesting` of them in each other (`masking.md` §4.6).
 */
export function findInText(text: string, tools: WalkTools, nesting: number): readonly Edit[] {
  if (nesting > maskLimits.maxNesting) return findPlain(text, tools);
  if (looksLikeJson(text)) {
    const edits = findInJson(text, tools, nesting);
    if (edits !== undefined) return edits;
  }
  const plain = findPlain(text, tools);
  const json = findInJsonSpans(text, tools, nesting);
  const found = mergeEdits(plain, json);
  return mergeEdits(found, findInViews(text, found, tools, nesting));
}

function findPlain(text: string, tools: WalkTools): readonly Edit[] {
  return toTextEdits(tools.scanner.find(text, 0, text.length), 0, { text, replacer: tools.replacer });
}

function findInJson(text: string, tools: WalkTools, nesting: number): readonly Edit[] | undefined {
  const inner = walkJson(text, tools, nesting);
  if (inner.kind !== 'walked') return undefined;
  return toOrderedEdits(inner.edits.map((edit) => ({ ...edit, path: `#${edit.path}` })));
}

/** Lines of NDJSON, and JSON behind other text. */
function findInJsonSpans(text: string, tools: WalkTools, nesting: number): readonly Edit[] {
  const spans = findJsonSpans(text);
  return spans.flatMap((span) => {
    const edits = findInJson(text.slice(span.start, span.end), tools, nesting) ?? [];
    if (edits.length === 0) return edits;
    const weak = isDataLine(text, span) ? {} : ({ weak: true } as const);
    return edits.map((edit) => ({ ...shift(edit, span.start), ...weak }));
  });
}

function shift(edit: Edit, by: number): Edit {
  const { parts, start, end } = edit;
  const moved = { ...edit, start: start + by, end: end + by };
  return parts === undefined ? moved : { ...moved, parts: parts.map((part) => shift(part, by)) };
}
