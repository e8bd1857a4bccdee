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
const maxGap = 1024;
const context = 512;
const maxLine = 4096;

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

/**
 * The stretches of a text in which characters are encoded, each as it reads once decoded: whole lines, and somewhat more on
 * both sides, since a name and its value may stand in two. One pass; a stretch never grows more than fourfold.
 */
export function decodeCharacters(text: string): readonly TextView[] {
  const views: TextView[] = [];
  let reached = 0;
  for (let first = firstEncoded(text, 0, text.length); first >= 0;) {
    const last = lastNear(text, first);
    const start = Math.max(reached, stretchStart(text, first));
    reached = stretchEnd(text, last);
    const view = decodeStretch(text, start, reached);
    if (view !== undefined) views.push(view);
    first = firstEncoded(text, reached, text.length);
  }
  return views;
}

/** The last encoded character of those that follow each other closely. */
function lastNear(text: string, first: number): number {
  let last = first;
  for (let next = first; next >= 0; next = firstEncoded(text, last + 1, Math.min(text.length, last + maxGap)))
    last = next;
  return last;
}

function stretchStart(text: string, first: number): number {
  const from = Math.max(0, first - context);
  const before = text.slice(Math.max(0, from - maxLine), from);
  return from - before.length + before.lastIndexOf('\n') + 1;
}

function stretchEnd(text: string, last: number): number {
  const from = Math.min(text.length, last + context);
  const newline = text.slice(from, from + maxLine).indexOf('\n');
  return newline < 0 ? Math.min(text.length, from + maxLine) : from + newline;
}

function decodeStretch(text: string, start: number, end: number): TextView | undefined {
  const parts: string[] = [];
  const units = { viewFrom: [] as number[], viewTo: [] as number[], from: [] as number[], to: [] as number[] };
  let copied = start;
  let length = 0;
  let i = start;
  while (i < end) {
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
  parts.push(text.slice(copied, Math.max(copied, end)));
  return { text: parts.join(''), map: createOffsetMap(units, start) };
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
