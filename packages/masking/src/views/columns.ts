import type { Finding } from '../detectors/detector.ts';
import type { KeyClass, KeyMatcher } from '../detectors/key-matcher.ts';
import { isPlaceholder } from '../detectors/placeholder.ts';
import { isMaskToken } from '../mask-token.ts';
import { headerSeparator, isRule, readCells, type Cell, type Separator } from './table-row.ts';

interface Header {
  readonly separator: Separator;
  readonly count: number;
  readonly columns: readonly { readonly index: number; readonly key: KeyClass }[];
}

const maxName = 64;
const nothing = /^(?:null|nil|none|n\/a|true|false|\\n|-+|\*+|x+)$/i;

/** What stands under a secret's name in CSV, TSV, Markdown and the tables of `psql` and `mysql` (`masking.md` §4.3). */
export function findInColumns(text: string, keys: KeyMatcher): readonly Finding[] {
  if (!text.includes('\n')) return [];
  const found: Finding[] = [];
  let header: Header | undefined;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    header = readLine(text, { start, end }, header, { keys, found });
    start = end + 1;
  }
  return found;
}

interface Line {
  readonly start: number;
  readonly end: number;
}

/** The header in force behind the line. */
function readLine(
  text: string,
  { start, end }: Line,
  header: Header | undefined,
  { keys, found }: { readonly keys: KeyMatcher; readonly found: Finding[] },
): Header | undefined {
  if (header === undefined) return readHeader(text, { start, end }, keys);
  if (header.separator === '|' && isRule(text, start, end)) return header;
  const cells = readCells(text, start, end, header.separator);
  if (cells.length !== header.count) return readHeader(text, { start, end }, keys);
  for (const { index, key } of header.columns) {
    const cell = cells[index];
    if (cell !== undefined && isValue(text, cell, key, header)) {
      found.push({ rule: key.rule, start: cell.start, end: cell.end });
    }
  }
  return header;
}

function readHeader(text: string, { start, end }: Line, keys: KeyMatcher): Header | undefined {
  const separator = headerSeparator(text, start, end);
  if (separator === undefined || (separator === '|' && !isRuleBehind(text, end))) return undefined;
  const cells = readCells(text, start, end, separator);
  if (cells.length < 2 || cells.some((cell) => cell.end - cell.start > maxName)) return undefined;
  if (separator !== '|' && cells.some((cell) => !isName(text, cell))) return undefined;
  const columns = cells.flatMap(({ start: from, end: to }, index) => {
    const key = keys.classify(text.slice(from, to));
    return key === undefined ? [] : [{ index, key }];
  });
  return columns.length === 0 ? undefined : { separator, count: cells.length, columns };
}

/** Between bars any word can stand in any row; a header has a rule behind it. */
function isRuleBehind(text: string, lineEnd: number): boolean {
  const newline = text.indexOf('\n', lineEnd + 1);
  return isRule(text, lineEnd + 1, newline < 0 ? text.length : newline);
}

function isName(text: string, { start, end }: Cell): boolean {
  return /^[A-Za-z_#][\w .#-]*$/.test(text.slice(start, end));
}

/** Plural names count (`max_tokens`); what has blanks and no quotes in a file of comma-separated values is prose. */
function isValue(text: string, { start, end, isQuoted }: Cell, key: KeyClass, header: Header): boolean {
  if (end <= start || isMaskToken(text, start, end) || isPlaceholder(text, start, end)) return false;
  const value = text.slice(start, end);
  if (nothing.test(value) || (key.plural && /^[\d.,]+$/.test(value))) return false;
  return isQuoted || header.separator === '|' || !value.includes(' ');
}
