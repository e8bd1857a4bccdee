/** Strict JSON for what a client sends: one meaning for every reader (`mcp.md` §6). */
import { scanJson, type JsonLimits, type JsonRefusal } from './json-scan.ts';

export type { JsonLimits, JsonRefusal } from './json-scan.ts';

/** Masking's limits (`masking.md` §4): nothing deeper or wider is judged. An empty array takes 16 times its text when parsed. */
export const defaultJsonLimits: JsonLimits = { maxDepth: 128, maxKeys: 100_000, maxContainers: 1_000_000 };

/** `text` is the decoded body that `value` was read from. */
export type StrictJson =
  | { readonly kind: 'parsed'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: JsonRefusal };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes as text; `undefined` when they are not UTF-8. A byte order mark stays in the text. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Parses bytes that every conforming JSON reader understands alike: UTF-8 without a byte order mark, no duplicate keys
 * at any depth, no lone surrogates, within the limits. Never throws. Cost is linear in the bytes: the scan runs before
 * `JSON.parse`, whose memory grows with depth.
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits = defaultJsonLimits): StrictJson {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { kind: 'refused', reason: 'not_utf8' };
  const refusal = scanJson(text, limits);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal };
  try {
    return { kind: 'parsed', value: JSON.parse(text), text };
  } catch {
    return { kind: 'refused', reason: 'invalid' };
  }
}

/**
 * The value of a JSON text; `undefined` when it is none. Neither strict nor bounded: for texts of a known length that are
 * our own, or whose value a schema judges next.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Longer integers are no `int64`, and reading them exactly costs more than their length. */
const maxIntegerLength = 20;

/**
 * Reads JSON that `parseStrictJson` has accepted once more, with integers as `bigint`: as numbers those beyond 2^53
 * would be other integers. Several times dearer than `JSON.parse`. Throws a `SyntaxError` where the text is no JSON.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, exactInteger);
}

function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || source.length > maxIntegerLength) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** What a client reads when its body was refused: plain words, nothing of the body. */
export const jsonRefusalText: Readonly<Record<JsonRefusal, string>> = {
  invalid: 'the body is not valid JSON',
  not_utf8: 'the body is not valid UTF-8',
  bom: 'the body starts with a byte order mark',
  duplicate_key: 'the body holds an object with a duplicate key',
  too_deep: 'the body is nested too deeply',
  too_many_keys: 'the body holds too many keys',
  too_many_values: 'the body holds too many objects and arrays',
  lone_surrogate: 'the body holds a lone surrogate escape',
};
