import { readUnit } from './decoded-unit.ts';
import { isReasonToFold } from './fold-character.ts';
import { createOffsetMap } from './offset-map.ts';
import type { TextView } from './text-view.ts';

const percent = 0x25;
const ampersand = 0x26;
const plus = 0x2b;
const equals = 0x3d;
const backslash = 0x5c;
const firstNonAscii = 0x80;
const maxWord = 16;

/** `%`, `&`, `\`: these may begin an encoded character. */
const marks = new Uint8Array(firstNonAscii);
for (const code of [percent, ampersand, backslash]) marks[code] = 1;

/** First index of `text[start, end)` that is a reason to decode, or -1. */
export function firstEncoded(text: string, start: number, end: number): number {
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code < firstNonAscii) {
      if (marks[code] === 1 && isEncoded(text, i, code)) return i;
    } else if (isReasonToFold(text, i)) return i;
  }
  return -1;
}

/** A backslash counts before `u` and `x`, however often it is itself escaped; so the raw and the decoded text agree. */
function isEncoded(text: string, at: number, code: number): boolean {
  const next = text.charAt(at + 1);
  if (code !== backslash) return readUnit(text, at) !== undefined;
  return next === 'u' || next === 'x';
}

/** The text as it reads once decoded; undefined where nothing is encoded. One pass; a text never grows more than fourfold. */
export function decodeCharacters(text: string): TextView | undefined {
  const first = firstEncoded(text, 0, text.length);
  if (first < 0) return undefined;
  const parts: string[] = [];
  const units = { viewFrom: [] as number[], viewTo: [] as number[], from: [] as number[], to: [] as number[] };
  let copied = 0;
  let length = 0;
  let i = 0;
  while (i < text.length) {
    const unit = unitAt(text, i);
    if (unit === undefined) {
      i += 1;
      continue;
    }
    parts.push(text.slice(copied, i), unit.value);
    length += i - copied;
    units.viewFrom.push(length);
    length += unit.value.length;
    units.viewTo.push(length);
    units.from.push(i);
    units.to.push(unit.end);
    i = unit.end;
    copied = i;
  }
  if (parts.length === 0) return undefined;
  parts.push(text.slice(copied));
  return { text: parts.join(''), map: createOffsetMap(units) };
}

function unitAt(text: string, at: number): { readonly value: string; readonly end: number } | undefined {
  const code = text.charCodeAt(at);
  if (code < firstNonAscii && marks[code] !== 1) {
    return code === plus && isBlankOfForm(text, at) ? { value: ' ', end: at + 1 } : undefined;
  }
  return readUnit(text, at);
}

/** `auth=Bearer+…`: a plus behind a word that a form's value begins with. In base64 a plus is itself. */
function isBlankOfForm(text: string, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && i > at - maxWord && isLetter(text.charCodeAt(i))) i -= 1;
  return i < at - 2 && i >= 0 && text.charCodeAt(i) === equals;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
