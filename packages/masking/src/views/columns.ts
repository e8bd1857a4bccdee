import type { Finding } from '../detectors/detector.ts';
import type { KeyClass, KeyMatcher } from '../detectors/key-matcher.ts';
import { isPlaceholder } from '../detectors/placeholder.ts';
import { isMaskToken } from '../mask-token.ts';
import type { TextScanner } from '../scan/text-scanner.ts';
import { isPersonalName } from './personal-column.ts';
import { headerSeparator, isRule, readCells, type Cell, type Separator } from './table-row.ts';

/** A column of secrets, whose name decides alone, or of personal data, where the value has to agree. */
interface Column {
  readonly index: number;
  readonly name: string;
  readonly key: KeyClass | undefined;
}

interface Header {
  readonly separator: Separator;
  readonly count: number;
  readonly columns: readonly Column[];
}

/** What names and values are judged by, and what was found so far. */
interface Search {
  readonly keys: KeyMatcher;
  readonly scanner: Pick<TextScanner, 'find'>;
  readonly found: Finding[];
}

const maxName = 64;
const maxPersonal = 320;
const nothing = /^(?:null|nil|none|n\/a|true|false|\\n|-+|\*+|x+)$/i;

/** What stands under a secret's name in CSV, TSV, Markdown and the tables of `psql` and `mysql` (`masking.md` §4.3). */
export function findInColumns(text: string, tools: Omit<Search, 'found'>): readonly Finding[] {
  if (!text.includes('\n')) return [];
  const found: Finding[] = [];
  const search = { ...tools, found };
  let header: Header | undefined;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    header = readLine(text, { start, end }, header, search);
    start = end + 1;
  }
  return found;
}

interface Line {
  readonly start: number;
  readonly end: number;
}

/** The header in force behind the line. */
function readLine(text: string, line: Line, header: Header | undefined, search: Search): Header | undefined {
  if (header === undefined) return readHeader(text, line, search.keys);
  if (header.separator === '|' && isRule(text, line.start, line.end)) return header;
  const cells = readCells(text, line.start, line.end, header.separator);
  if (cells.length !== header.count) return readHeader(text, line, search.keys);
  for (const column of header.columns) {
    const cell = cells[column.index];
    const finding = cell === undefined ? undefined : findInCell(text, cell, column, { ...search, header });
    if (finding !== undefined) search.found.push(finding);
  }
  return header;
}

function findInCell(
  text: string,
  cell: Cell,
  { name, key }: Column,
  { scanner, header }: Search & { readonly header: Header },
): Finding | undefined {
  const { start, end } = cell;
  if (key === undefined) return findNamed(text.slice(start, Math.min(end, start + maxPersonal)), start, name, scanner);
  return isValue(text, cell, key, header) ? { rule: key.rule, start, end } : undefined;
}

/** The header stands far from its rows; a word for a number has to stand beside it. */
function findNamed(value: string, at: number, name: string, scanner: Search['scanner']): Finding | undefined {
  if (!/[\d@]/.test(value)) return undefined;
  const label = `${name.replaceAll(/[_.-]+/g, ' ')}: `;
  const text = label + value;
  const found = scanner.find(text, 0, text.length).find(({ start }) => start >= label.length);
  if (found === undefined) return undefined;
  return { ...found, start: found.start - label.length + at, end: found.end - label.length + at };
}

function readHeader(text: string, { start, end }: Line, keys: KeyMatcher): Header | undefined {
  const separator = headerSeparator(text, start, end);
  if (separator === undefined || (separator === '|' && !isRuleBehind(text, end))) return undefined;
  const cells = readCells(text, start, end, separator);
  if (cells.length < 2 || cells.some((cell) => cell.end - cell.start > maxName)) return undefined;
  if (separator !== '|' && cells.some((cell) => !isName(text, cell))) return undefined;
  const columns = cells.flatMap(({ start: from, end: to }, index) => {
    const name = text.slice(from, to);
    const key = keys.classify(name);
    return key === undefined && !isPersonalName(name) ? [] : [{ index, name, key }];
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
