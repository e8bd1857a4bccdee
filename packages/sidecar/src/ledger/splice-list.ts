/** A list without some of its entries. What stays is byte for byte what the server sent. */
import type { ListSpans, Span } from './list-spans.ts';

export interface Splice {
  /** Whether the n-th entry of the text stays, over all arrays of the message. */
  readonly keeps: (index: number) => boolean;
  /** Answers to one caller must not be served to another: `insert` also where the server said nothing. */
  readonly cacheScope: 'as_is' | 'replace' | 'insert';
  /** The server's instructions become an empty text. */
  readonly dropsInstructions: boolean;
}

interface Edit {
  readonly span: Span;
  readonly text: string;
}

const privateScope = '"private"';

/** The text with the splice made; the same text where there is nothing to change. `spans` are those of `text`. */
export function spliceList(text: string, spans: ListSpans, splice: Splice): string {
  const edits = [
    ...arrayEdits(text, spans, splice),
    ...scopeEdits(text, spans, splice),
    ...(splice.dropsInstructions ? spans.instructions.map((span): Edit => ({ span, text: '""' })) : []),
  ].toSorted((a, b) => a.span[0] - b.span[0]);
  let spliced = '';
  let at = 0;
  for (const { span, text: replacement } of edits) {
    spliced += text.slice(at, span[0]) + replacement;
    at = span[1];
  }
  return edits.length === 0 ? text : spliced + text.slice(at);
}

function arrayEdits(text: string, { arrays }: ListSpans, { keeps }: Splice): readonly Edit[] {
  let index = 0;
  return arrays.flatMap(({ span, elements }) => {
    const kept = elements.filter(() => keeps(index++));
    if (kept.length === elements.length) return [];
    return [{ span, text: `[${kept.map((one) => text.slice(...one)).join(',')}]` }];
  });
}

function scopeEdits(text: string, { cacheScopes, results }: ListSpans, { cacheScope }: Splice): readonly Edit[] {
  if (cacheScope === 'as_is') return [];
  if (cacheScopes.length > 0) {
    const loose = cacheScopes.filter((span) => text.slice(...span) !== privateScope);
    return loose.map((span): Edit => ({ span, text: privateScope }));
  }
  if (cacheScope === 'replace') return [];
  return results.map(({ start, isEmpty }) => ({
    span: [start, start],
    text: `"cacheScope":${privateScope}${isEmpty ? '' : ','}`,
  }));
}
