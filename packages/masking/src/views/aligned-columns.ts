import type { Finding } from '../detectors/detector.ts';
import type { KeyClass, KeyMatcher } from '../detectors/key-matcher.ts';
import { isPlaceholder } from '../detectors/placeholder.ts';
import { isMaskToken } from '../mask-token.ts';

/** `NAME   PASSWORD   AGE`: capitals, two blanks at least between the columns. */
const headerLine = /^[A-Z][A-Z0-9_()/-]*(?: [A-Z0-9_()/-]+)*(?: {2,}[A-Z][A-Z0-9_()/-]*(?: [A-Z0-9_()/-]+)*)+ *\r?$/;
const maxHeader = 1024;

interface Column {
  readonly from: number;
  /** Where the next column begins; the last has none. */
  readonly to: number;
  readonly key: KeyClass;
}

/** What stands under a secret's name in tables that are aligned with blanks, as `kubectl` and `docker` print them. */
export function findInAlignedColumns(text: string, keys: KeyMatcher): readonly Finding[] {
  if (!text.includes('\n')) return [];
  const found: Finding[] = [];
  let columns: readonly Column[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const isHeader = isHeaderLine(text, start, end);
    if (isHeader) columns = readColumns(text.slice(start, end), keys);
    else if (end - start < 2) columns = [];
    else for (const column of columns) readCell(text, { start, end }, column, found);
    start = end + 1;
  }
  return found;
}

function isHeaderLine(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  if (first < 0x41 || first > 0x5a || end - start > maxHeader) return false;
  return headerLine.test(text.slice(start, end));
}

function readColumns(line: string, keys: KeyMatcher): readonly Column[] {
  const names = [...line.matchAll(/\S+(?: \S+)*/g)];
  return names.flatMap(({ index, 0: name }, at) => {
    const key = keys.classify(name);
    return key === undefined ? [] : [{ from: index, to: names[at + 1]?.index ?? Infinity, key }];
  });
}

/** A value begins under its header's first letter, behind a blank, and ends before the next column. */
function readCell(
  text: string,
  line: { readonly start: number; readonly end: number },
  { from, to, key }: Column,
  found: Finding[],
): void {
  const start = line.start + from;
  const raw = text.slice(start, Math.min(line.end, line.start + to));
  if (from > 0 && text.charAt(start - 1) !== ' ') return;
  const end = start + raw.trimEnd().length;
  const value = text.slice(start, end);
  if (value === '' || /^\s|\s{2}|^<\w+>$/.test(value) || isMaskToken(text, start, end)) return;
  if (isPlaceholder(text, start, end) || (key.plural && /^[\d.,]+$/.test(value))) return;
  found.push({ rule: key.rule, start, end });
}
