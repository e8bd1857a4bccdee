import { maskTokenEnd } from '../mask-token.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

const opening = '[REDACTED:';
const maxTokenLength = 80;

/** A span as far as it neither begins nor ends within a mask token, unless it is one: so masking twice changes nothing. */
export function outsideMaskTokens(text: string, { start, end }: Span): Span | undefined {
  const from = tokenAround(text, start)?.end ?? start;
  const to = tokenAround(text, end)?.start ?? end;
  return to <= from || maskTokenEnd(text, from) === to - 1 ? undefined : { start: from, end: to };
}

/** The mask token that begins before `at` and ends behind it. */
function tokenAround(text: string, at: number): Span | undefined {
  const begin = Math.max(0, at - maxTokenLength);
  const found = text.slice(begin, at - 1 + opening.length).lastIndexOf(opening);
  const start = begin + found;
  if (found < 0 || start >= at) return undefined;
  const end = maskTokenEnd(text, start) + 1;
  return end > at ? { start, end } : undefined;
}
