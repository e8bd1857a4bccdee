/** Calls of functions in a run of tokens. */
import { judgeFunction } from './sql-functions.ts';
import { hostName } from './sql-verbs.ts';
import type { SqlToken } from './sql-lexer.ts';
import type { SqlFinding, SqlFindings } from './sql-findings.ts';

/** Words before a parenthesis that is no call: INSERT INTO t (a), WITH t (a) AS, AS t (a), CREATE TABLE t (a). */
const noCallAfter = /^(INTO|TABLE|WITH|RECURSIVE|AS|OVERWRITE|UPDATE|INDEX|KEY|VIEW|REFERENCES)$/;
/** Words that may stand before a parenthesis. */
const syntax =
  /^(AND|OR|NOT|IN|EXISTS|ANY|SOME|ALL|VALUES|OVER|WHERE|HAVING|ON|USING|AS|FROM|JOIN|BY|SELECT|DISTINCT|WHEN|THEN|ELSE|CASE|BETWEEN|LIKE|RETURNING|UNION|EXCEPT|INTERSECT|MINUS|LIMIT|OFFSET|SET|TOP|WITH|IS|RLIKE|REGEXP|ILIKE|GLOB|PARTITION|WITHIN|FILTER|DIV|MOD|XOR|INTERVAL|ROLLUP|CUBE|SETS|LATERAL|APPLY|OPTION|OUTPUT|TABLESAMPLE|PIVOT|UNPIVOT|FOR|INDEX|KEY|SYSTEM_TIME|CROSS|QUALIFY|MATERIALIZED|RANGE|ROWS|COLLATE|ESCAPE|TABLE|UNNEST|COLUMNS|PATH|FETCH|NEXT|FIRST|ROWS|ONLY|EXCLUDE|REPLACE|RENAME|STRUCT|ARRAY|MAP|GROUP|END|NULL|GROUPING|DEFAULT|CHECK|PRIMARY|UNIQUE)$/;

export function judgeCalls(tokens: readonly SqlToken[], findings: SqlFindings): void {
  const tables = new Set(commonTables(tokens));
  // Columns, types and constraints of a definition look like calls.
  const isDefinition = /^(CREATE|ALTER|PRAGMA|DESC|DESCRIBE|GRANT|REVOKE)$/.test(tokens[0]?.text ?? '');
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    const name = token.text.toUpperCase();
    if (hostName.test(name)) findings.add('host', 'a function or clause that reaches outside of the database');
    if (!isDefinition && !tables.has(name) && isCall(tokens, at)) findings.take(judgeCallAt(tokens, at));
  }
}

function judgeCallAt(tokens: readonly SqlToken[], at: number): SqlFinding | undefined {
  const name = tokens[at]?.text ?? '';
  const schema = tokens[at - 1]?.text === '.' ? tokens[at - 2]?.text.toLowerCase() : undefined;
  return judgeFunction(name.toLowerCase(), isMethod(name.toUpperCase()) ? undefined : schema, false);
}

function isCall(tokens: readonly SqlToken[], at: number): boolean {
  const [token, after] = [tokens[at], tokens[at + 1]];
  if (after?.kind !== 'sign' || after.text !== '(') return false;
  const isSyntax = token?.kind === 'word' && syntax.test(token.text);
  return !isSyntax && !isNoCall(tokens, at);
}

/** `column.value('…')` of XML columns. */
function isMethod(name: string): boolean {
  return /^(VALUE|NODES|QUERY|EXIST)$/.test(name);
}

function isNoCall(tokens: readonly SqlToken[], at: number): boolean {
  let start = at;
  while (tokens[start - 1]?.text === '.') start -= 2;
  const before = tokens[start - 1];
  return before?.kind === 'word' && noCallAfter.test(before.text);
}

/** The names that WITH defines, which may have a list of columns. */
function commonTables(tokens: readonly SqlToken[]): readonly string[] {
  return tokens.flatMap(({ kind, text }, at) => {
    const isName = kind === 'word' || kind === 'quoted';
    const isDefined = isName && /^(WITH|RECURSIVE|,)$/.test(tokens[at - 1]?.text ?? '');
    return isDefined && isColumnList(tokens, at + 1) ? [text.toUpperCase()] : [];
  });
}

/** `(a, b) AS (` */
function isColumnList(tokens: readonly SqlToken[], at: number): boolean {
  const open = tokens[at];
  if (open?.text !== '(') return false;
  const close = tokens.findIndex(({ text, depth }, index) => index > at && text === ')' && depth === open.depth);
  return tokens[close + 1]?.text === 'AS' && tokens[close + 2]?.text === '(';
}
