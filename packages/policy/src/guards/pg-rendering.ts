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

export function toPgText(tokens: readonly SqlToken[]): string {
  return tokens.map((token, index) => render(token, tokens[index - 1], tokens[index + 1])).join(' ');
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
