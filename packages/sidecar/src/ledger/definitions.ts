/** The definitions that stand in one message: names, digests, masked texts. */
import { hash } from 'node:crypto';
import { definitionDigestText, isJsonObject } from '@tachograph/protocol';
import type { ListKind } from './list-kinds.ts';
import type { ListSpans, Span } from './list-spans.ts';

/** Entries of all arrays of the message, in order; an entry without a name has an empty one. */
export function entryNames(text: string, { arrays }: ListSpans, { nameField }: ListKind): readonly string[] {
  return arrays.flatMap(({ elements }) => elements.map((span) => nameOf(text.slice(...span), nameField)));
}

function nameOf(element: string, field: string): string {
  const value: unknown = JSON.parse(element);
  const name = isJsonObject(value) ? value[field] : undefined;
  return typeof name === 'string' ? name : '';
}

/** Spans of every entry, in the order of `entryNames`. */
export function entrySpans({ arrays }: ListSpans): readonly Span[] {
  return arrays.flatMap(({ elements }) => elements);
}

/** Hex SHA-256 over the canonical definition. */
export function digestOf(text: string): string {
  return hash('sha256', definitionDigestText(text));
}

/** The text that a JSON string stands for; `undefined` for any other value. */
export function stringIn(text: string, span: Span | undefined): string | undefined {
  if (span === undefined) return undefined;
  const value: unknown = JSON.parse(text.slice(...span));
  return typeof value === 'string' ? value : undefined;
}
