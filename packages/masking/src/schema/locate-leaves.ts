import { decodeString } from '../walk/decode-string.ts';
import { literalEnd, numberEnd, skipBlanks } from '../walk/json-scalars.ts';
import type { JsonPath } from './subschemas-at.ts';

/** A string's content or a number of a JSON text: `text[start, end)`. */
export interface Leaf {
  /** Names and indices that lead to it. */
  readonly path: () => JsonPath;
  readonly start: number;
  readonly end: number;
  readonly isString: boolean;
}

interface Level {
  readonly isArray: boolean;
  key: string | number;
}

const quote = 0x22;
const backslash = 0x5c;

/** Tells `visit` of each string and number of a text that is known to be JSON, without recursion. */
export function visitLeaves(text: string, visit: (leaf: Leaf) => void): void {
  const levels: Level[] = [];
  const path = (): JsonPath => levels.map(({ key }) => key);
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const level = levels.at(-1);
    const char = text.charAt(at);
    if (char === '{' || char === '[') {
      levels.push({ isArray: char === '[', key: char === '[' ? 0 : '' });
      at += 1;
    } else if (char === '}' || char === ']') {
      levels.pop();
      at += 1;
    } else if (char === ',') {
      if (level !== undefined && level.isArray) level.key = Number(level.key) + 1;
      at += 1;
    } else {
      at = readScalar(text, at, level, (start, end, isString) => visit({ path, start, end, isString }));
    }
    at = skipBlanks(text, at);
  }
}

/** End of a string, number or literal; a name and its colon belong together. */
function readScalar(
  text: string,
  at: number,
  level: Level | undefined,
  visit: (start: number, end: number, isString: boolean) => void,
): number {
  if (text.charCodeAt(at) !== quote) {
    const end = numberEnd(text, at);
    if (end > 0) visit(at, end, false);
    return end > 0 ? end : Math.max(literalEnd(text, at), at + 1);
  }
  const end = stringEnd(text, at + 1);
  const colon = skipBlanks(text, end + 1);
  if (level === undefined || level.isArray || text.charAt(colon) !== ':') {
    visit(at + 1, end, true);
    return end + 1;
  }
  level.key = decodeString(text.slice(at + 1, end)) ?? '';
  return colon + 1;
}

function stringEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
