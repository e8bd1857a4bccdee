import { toCharSet, hasChar } from '../detectors/char-set.ts';

/** One cell of a line: `text[start, end)` of the text, without quotes and blanks. */
export interface Cell {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

export type Separator = '|' | '\t' | ',' | ';';

const separators: readonly Separator[] = ['|', '\t', ',', ';'];
const headerChars = toCharSet('a-z', 'A-Z', '0-9', ' _.#"\'`*', '-', ',;|\t\r');
const maxHeader = 2048;
const maxCells = 256;

/** The separator of a line that may be a table's header: nothing but names and one kind of separator. */
export function headerSeparator(text: string, start: number, end: number): Separator | undefined {
  if (end - start > maxHeader || end - start < 3) return undefined;
  for (let i = start; i < end; i += 1) {
    if (!hasChar(headerChars, text.charCodeAt(i))) return undefined;
  }
  const line = text.slice(start, end);
  const separator = separators.find((one) => line.includes(one));
  // Prose has a blank behind its commas.
  return separator === ',' && /, /.test(line) ? undefined : separator;
}

/** `---+---`, `| --- | :-: |`, `+-----+-----+`: between a header and its rows, and around them. */
export function isRule(text: string, start: number, end: number): boolean {
  return end > start && end - start <= maxHeader && /^[\s|+:=-]*-[\s|+:=-]*$/.test(text.slice(start, end));
}

/** The cells of a line; of a table with outer bars, those between them. */
export function readCells(text: string, start: number, end: number, separator: Separator): readonly Cell[] {
  const cells: Cell[] = [];
  let from = start;
  while (from <= end && cells.length < maxCells) {
    const stop = cellEnd(text, from, end, separator);
    cells.push(trimCell(text, from, stop));
    from = stop + 1;
  }
  return separator === '|' ? withoutOuter(cells) : cells;
}

function withoutOuter(cells: readonly Cell[]): readonly Cell[] {
  const isEmpty = (cell: Cell | undefined): boolean => cell !== undefined && cell.start === cell.end && !cell.isQuoted;
  const hasOuter = cells.length > 2 && isEmpty(cells[0]) && isEmpty(cells.at(-1));
  return hasOuter ? cells.slice(1, -1) : cells;
}

/** A quoted cell may hold the separator; its own quotes stand doubled. */
function cellEnd(text: string, from: number, end: number, separator: Separator): number {
  let at = from;
  if (separator !== '|' && text.charAt(from) === '"') {
    at = closingQuote(text, from + 1, end);
    if (at < 0) at = from;
  }
  const next = text.indexOf(separator, at);
  return next < 0 || next > end ? end : next;
}

function closingQuote(text: string, from: number, end: number): number {
  for (let i = from; i < end; i += 1) {
    if (text.charAt(i) !== '"') continue;
    if (text.charAt(i + 1) !== '"') return i;
    i += 1;
  }
  return -1;
}

function trimCell(text: string, from: number, stop: number): Cell {
  let start = from;
  let end = stop;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  const quote = text.charAt(start);
  const isQuoted = end - start >= 2 && /["'`]/.test(quote) && text.charAt(end - 1) === quote;
  return isQuoted ? { start: start + 1, end: end - 1, isQuoted } : { start, end, isQuoted };
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
