import { foldCodePoint } from './fold-character.ts';
import { readEntity } from './html-entities.ts';

/** One encoded character: what it stands for, and where it ends in the source. */
export interface DecodedUnit {
  readonly value: string;
  readonly end: number;
}

const percent = 0x25;
const ampersand = 0x26;
const backslash = 0x5c;
const maxSlashes = 8;

/** The encoded character that begins at `text[at]`, if one does. Reads a bounded number of characters. */
export function readUnit(text: string, at: number): DecodedUnit | undefined {
  const code = text.charCodeAt(at);
  if (code === percent) return readPercent(text, at);
  if (code === ampersand) return readEntity(text, at);
  if (code === backslash) return readEscape(text, at);
  return code < 0x80 ? undefined : readFolded(text, at);
}

function readFolded(text: string, at: number): DecodedUnit | undefined {
  const code = text.codePointAt(at) ?? 0;
  const value = foldCodePoint(code);
  return value === undefined ? undefined : { value, end: at + (code > 0xffff ? 2 : 1) };
}

/** `%40`, and the `%C3%A9` of UTF-8. */
function readPercent(text: string, at: number): DecodedUnit | undefined {
  const first = byteAt(text, at);
  if (first < 0) return undefined;
  if (first < 0x80) return { value: String.fromCharCode(first), end: at + 3 };
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i += 1) {
    const byte = byteAt(text, at + 3 * i);
    if (byte < 0x80 || byte > 0xbf) return undefined;
    code = code * 64 + (byte & 0x3f);
  }
  return toUnit(code, at + 3 * length);
}

function byteAt(text: string, at: number): number {
  return text.charCodeAt(at) === percent ? hexNumber(text, at + 1, 2) : -1;
}

/** `\u0070`, `\u{70}`, `\x70`, with any number of backslashes up to eight: text is often escaped more than once. */
function readEscape(text: string, at: number): DecodedUnit | undefined {
  let letter = at + 1;
  while (text.charCodeAt(letter) === backslash && letter < at + maxSlashes) letter += 1;
  const kind = text.charAt(letter);
  if (kind === 'x') return toUnit(hexNumber(text, letter + 1, 2), letter + 3);
  if (kind !== 'u') return undefined;
  if (text.charAt(letter + 1) === '{') return readBraced(text, letter + 2);
  const code = hexNumber(text, letter + 1, 4);
  return code >= 0xd800 && code <= 0xdfff ? undefined : toUnit(code, letter + 5);
}

function readBraced(text: string, from: number): DecodedUnit | undefined {
  const digits = /^([0-9a-f]{1,6})\}/i.exec(text.slice(from, from + 7))?.[1];
  return digits === undefined ? undefined : toUnit(Number.parseInt(digits, 16), from + digits.length + 1);
}

/** What an encoding hides may itself be a character of another script. */
function toUnit(code: number, end: number): DecodedUnit | undefined {
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { value: (code < 0x80 ? undefined : foldCodePoint(code)) ?? String.fromCodePoint(code), end };
}

function hexNumber(text: string, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i += 1) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
