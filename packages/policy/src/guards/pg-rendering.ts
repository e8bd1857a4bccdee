/** Tokens of any dialect as PostgreSQL would write them, so that one grammar can say more of them. */
import type { SqlToken } from './sql-lexer.ts';

const words: Readonly<Record<string, string>> = {
  REGEXP: '~',
  RLIKE: '~',
  GLOB: 'LIKE',
  XOR: 'OR',
  DIV: '/',
  MOD: '%',
  MINUS: 'EXCEPT',
  BINARY: '',
  STRAIGHT_JOIN: 'JOIN',
  DISTINCTROW: 'DISTINCT',
  SQL_CALC_FOUND_ROWS: '',
  SQL_NO_CACHE: '',
  SQL_CACHE: '',
  HIGH_PRIORITY: '',
};
const signs: Readonly<Record<string, string>> = { '<=>': '=', '==': '=', '&&': ' AND ', '!': ' NOT ', ':=': '=' };

export function toPgText(all: readonly SqlToken[]): string {
  const tokens = withoutHints(all);
  return tokens.map((token, index) => render(token, tokens[index - 1], tokens[index + 1])).join(' ');
}

/** `USE INDEX (a)`, `WITH (NOLOCK)`, `TOP (10)`: advice and limits, which no other grammar knows. */
function withoutHints(tokens: readonly SqlToken[]): readonly SqlToken[] {
  const kept: SqlToken[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const end = endOfHint(tokens, at);
    const token = tokens[at];
    if (end > at) at = end;
    else if (token !== undefined) kept.push(token);
  }
  return kept;
}

/** The last token of the hint that begins here; the place itself where none does. */
function endOfHint(tokens: readonly SqlToken[], at: number): number {
  const [first, second, third] = [bareAt(tokens, at), bareAt(tokens, at + 1), bareAt(tokens, at + 2)];
  if (/^(USE|FORCE|IGNORE) (INDEX|KEY) \($/.test(`${first} ${second} ${third}`)) return closeOf(tokens, at + 2);
  if (tableHint.test(`${first} ${second} ${third}`)) return closeOf(tokens, at + 1);
  if (first !== 'TOP') return at;
  if (second === '(') return closeOf(tokens, at + 1);
  return tokens[at + 1]?.kind === 'number' ? at + 1 : at;
}

const tableHint = /^WITH \( (NOLOCK|READPAST|ROWLOCK|UPDLOCK|HOLDLOCK|INDEX|READUNCOMMITTED)$/;

function bareAt(tokens: readonly SqlToken[], at: number): string {
  const token = tokens[at];
  return token === undefined || token.kind === 'string' || token.kind === 'quoted' ? '' : token.text;
}

function closeOf(tokens: readonly SqlToken[], open: number): number {
  const depth = tokens[open]?.depth ?? 0;
  const close = tokens.findIndex((token, at) => at > open && token.text === ')' && token.depth === depth);
  return close === -1 ? open : close;
}

function render(token: SqlToken, before: SqlToken | undefined, after: SqlToken | undefined): string {
  const { kind, text } = token;
  if (kind === 'string') return `'${text.replaceAll('\\', '').replaceAll("'", '')}'`;
  if (kind === 'quoted') return `"${text.replaceAll('"', '') || '_'}"`;
  if (kind === 'variable') return '$1';
  if (kind === 'number') return renderNumber(text, isUnitNext(before, after));
  if (kind === 'word') return renderWord(text, before, after);
  return Object.hasOwn(signs, text) ? (signs[text] ?? text) : text;
}

function renderNumber(text: string, isBeforeUnit: boolean): string {
  if (isBeforeUnit) return `'${text}'`;
  return text.startsWith('0x') ? '0' : text;
}

function renderWord(text: string, before: SqlToken | undefined, after: SqlToken | undefined): string {
  // N'…', X'…', B'…', r'…', _utf8'…'
  if (after?.kind === 'string' && /^([NXBRE]|RB|BR|_\w+)$/.test(text)) return '';
  if (before?.text === '.') return `"${text}"`;
  return Object.hasOwn(words, text) ? (words[text] ?? text) : text.replaceAll('#', '_');
}

/** `INTERVAL 1 DAY` */
function isUnitNext(before: SqlToken | undefined, after: SqlToken | undefined): boolean {
  return before?.text === 'INTERVAL' && after?.kind === 'word';
}
