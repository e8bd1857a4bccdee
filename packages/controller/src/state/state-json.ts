import { parseJson } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';

/** An object of JSON; `undefined` when the text is none. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object whose values are texts. Throws `internal`: the file is our own. */
export function parseTexts(text: string, what: string): Readonly<Record<string, string>> {
  const entries = Object.entries(parseObject(text) ?? { '': undefined });
  const texts = entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
  if (texts.length !== entries.length) throw new ControllerError('internal', `${what} is not an object of texts`);
  return Object.fromEntries(texts);
}
