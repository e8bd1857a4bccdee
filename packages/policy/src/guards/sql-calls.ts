/** Calls of functions in a run of tokens. */
import { judgeFunction } from './sql-functions.ts';
import { hostName } from './sql-verbs.ts';
import type { SqlToken } from './sql-lexer.ts';
import type { SqlFindings } from './sql-findings.ts';

/** Words before a parenthesis that is no call: INSERT INTO t (a), WITH t (a) AS, AS t (a), CREATE TABLE t (a). */
const noCallAfter = /^(INTO|TABLE|WITH|RECURSIVE|AS|OVERWRITE|JOIN|UPDATE|USING|INDEX|KEY|VIEW|REFERENCES|ON)$/;
/** Words that may stand before a parenthesis. */
const syntax =
  /^(AND|OR|NOT|IN|EXISTS|ANY|SOME|ALL|VALUES|OVER|WHERE|HAVING|ON|USING|AS|FROM|JOIN|BY|SELECT|DISTINCT|WHEN|THEN|ELSE|CASE|BETWEEN|LIKE|RETURNING|UNION|EXCEPT|INTERSECT|MINUS|LIMIT|OFFSET|SET|TOP|WITH|IS|RLIKE|REGEXP|ILIKE|GLOB|PARTITION|WITHIN|FILTER|DIV|MOD|XOR|INTERVAL|ROLLUP|CUBE|SETS|LATERAL|APPLY|OPTION|OUTPUT|TABLESAMPLE|PIVOT|UNPIVOT|FOR|INDEX|KEY|SYSTEM_TIME|CROSS|QUALIFY|MATERIALIZED|RANGE|ROWS|COLLATE|ESCAPE|TABLE|UNNEST|COLUMNS|PATH|FETCH|NEXT|FIRST|ROWS|ONLY|EXCLUDE|REPLACE|RENAME|STRUCT|ARRAY|MAP|GROUP|END|NULL|GROUPING|DEFAULT|CHECK|PRIMARY|UNIQUE)$/;

export function judgeCalls(tokens: readonly SqlToken[], findings: SqlFindings): void {
  const tables = new Set(commonTables(tokens));
  // Columns, types and constraints of a definition look like calls.
  const isDefinition = /^(CREATE|ALTER|PRAGMA|DESC|DESCRIBE|GRANT|REVOKE)$/.test(tokens[0]?.text ?? '');
  for (const [at, token] of tokens.entries()) {
    const isNamed = token.kind === 'word' || token.kind === 'quoted';
    if (!isNamed) continue;
    const name = token.text.toUpperCase();
    if (hostName.test(name)) findings.add('host', 'a function or clause that reaches outside of the database');
    if (isDefinition || tokens[at + 1]?.text !== '(' || tokens[at + 1]?.kind !== 'sign') continue;
    if (token.kind === 'word' && syntax.test(name)) continue;
    if (tables.has(name) || isNoCall(tokens, at)) continue;
    const schema = tokens[at - 1]?.text === '.' ? tokens[at - 2]?.text.toLowerCase() : undefined;
    findings.take(judgeFunction(name.toLowerCase(), isMethod(name) ? undefined : schema, false));
  }
}

/** `column.value('…')` of XML columns. */
function isMethod(name: string): boolean {
  return /^(VALUE|NODES|QUERY|EXIST)$/.test(name);
}

function isNoCall(tokens: readonly SqlToken[], at: number): boolean {
  let start = at;
  while (tokens[start - 1]?.text === '.') start -= 2;
  const before = tokens[start - 1];
  return before?.kind === 'word' && noCallAfter.test(before.text) && !(before.text === 'ON' || before.text === 'JOIN' || before.text === 'USING');
}

/** The names that WITH defines, which may have a list of columns. */
function commonTables(tokens: readonly SqlToken[]): readonly string[] {
  return tokens.flatMap(({ kind, text }, at) => {
    if (kind !== 'word' && kind !== 'quoted') return [];
    const before = tokens[at - 1]?.text;
    const isDefined = before === 'WITH' || before === 'RECURSIVE' || before === ',';
    if (!isDefined || tokens[at + 1]?.text !== '(') return [];
    const close = tokens.findIndex((token, index) => index > at + 1 && token.text === ')' && token.depth === (tokens[at + 1]?.depth ?? 0));
    return tokens[close + 1]?.text === 'AS' && tokens[close + 2]?.text === '(' ? [text.toUpperCase()] : [];
  });
}
