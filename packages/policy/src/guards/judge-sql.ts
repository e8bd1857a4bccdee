/** What a SQL text would do: every statement is judged, under every database that may run it, and the worst counts. */
import { hasDisguise, hasFoldingQuote, isBrokenText, withoutDisguise } from './disguised-characters.ts';
import { opaqueJudgement, toJudgement, type Judgement } from './guard-verdict.ts';
import { judgePg } from './pg-judge.ts';
import { toPgText } from './pg-rendering.ts';
import { judgeCalls } from './sql-calls.ts';
import { isDialectKnown, traitsOf, type Dialect, type LexicalTraits, type Reading } from './sql-dialect.ts';
import { SqlFindings, type SqlFinding } from './sql-findings.ts';
import { lexSql, type SqlToken, type SqlTokens } from './sql-lexer.ts';
import type { SqlParsers } from './sql-parsers.ts';
import { slicesOf, splitStatements } from './sql-slices.ts';
import { judgeStatement } from './sql-statement.ts';

/** UTF-16 units; longer texts are opaque (libpg-query needs 660 MiB for 200 KB, masking.md section 5). */
export const maxSqlLength = 64 * 1024;
/** The reason of a text that nothing accepts. */
export const unparsedReason = 'no grammar accepts it';
const maxSqlDepth = 256;
const maxComments = 256;
const longRun = /[-~!@#^&|`?+*/%<>=]{257}/;
/** Statements of other dialects that a grammar reads; more are opaque. */
const maxGrammarLength = 8 * 1024;

/** Never throws on account of the text. */
export function judgeSql(text: string, dialect: Dialect, parsers: SqlParsers): Judgement {
  if (text.length > maxSqlLength) return opaqueJudgement('the text is too long to be judged');
  if (isBrokenText(text)) return opaqueJudgement('the text has characters that no database reads');
  if (depthOf(text) > maxSqlDepth) return opaqueJudgement('the text is nested too deep to be judged');
  if (isSlow(text)) return opaqueJudgement('the text has too many comments, or a run of signs that is too long');
  const findings = new SqlFindings();
  judgeForms(text, dialect, parsers, findings);
  return toJudgement(findings.list, 'read');
}

/** PostgreSQL's lexer reads on to the end of a run of signs for each of them, and at each start of a comment. */
function isSlow(text: string): boolean {
  return text.split('/*').length > maxComments || longRun.test(text);
}

/** At most: strings count as well. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const { 0: sign } of text.matchAll(/[()[\]]/g)) {
    if (sign === '(' || sign === '[') deepest = Math.max(deepest, (depth += 1));
    else depth = Math.max(0, depth - 1);
  }
  return deepest;
}

/** As it stands, and as something that normalises would read it. */
function judgeForms(text: string, dialect: Dialect, parsers: SqlParsers, findings: SqlFindings): void {
  judgeForm(text, dialect, parsers, findings);
  if (hasFoldingQuote(text)) findings.add('opaque', 'a character that may become a quote');
  if (!hasDisguise(text) || !isDisguisedOutside(text, dialect)) return;
  findings.add('opaque', 'a disguised character outside of strings');
  const plain = withoutDisguise(text);
  if (plain.length <= maxSqlLength) judgeForm(plain, dialect, parsers, findings);
}

/** In strings and quoted names such characters are data. */
function isDisguisedOutside(text: string, dialect: Dialect): boolean {
  const readings = dialect.readings.length === 0 ? (['postgresql'] as const) : dialect.readings;
  return readings.some((reading) => {
    const { tokens, isWhole, isStrange } = lexSql(text.replaceAll('\u00a0', '\u2063'), traitsOf[reading]);
    return isStrange || !isWhole || tokens.some(({ kind, text: word }) => kind === 'word' && hasDisguise(word));
  });
}

function judgeForm(text: string, dialect: Dialect, parsers: SqlParsers, findings: SqlFindings): void {
  const mayBePg = dialect.isPg || !isDialectKnown(dialect);
  const byPg = mayBePg ? judgePg(text, parsers.pg, dialect.isPg) : undefined;
  findings.takeAll(byPg ?? []);
  if (byPg !== undefined) return takeOthers(text, dialect, parsers, findings);
  if (dialect.isPg) findings.add('opaque', unparsedReason);
  // What PostgreSQL refuses may still be meant for another database.
  const judged = judgeReadings(text, dialect.isPg ? ['postgresql'] : dialect.readings, parsers);
  for (const one of judged) findings.takeAll(one.findings);
  // One grammar must accept every statement that is to count as harmless.
  const isAcceptedWhole = judged.some((one) =>
    one.doubtful.every((statement) => isAccepted(statement, dialect, parsers)),
  );
  if (!dialect.isPg && !isAcceptedWhole) findings.add('opaque', unparsedReason);
  return undefined;
}

/** PostgreSQL accepts it; unless it is known to be the database, others may read the same text otherwise. */
function takeOthers(text: string, dialect: Dialect, parsers: SqlParsers, findings: SqlFindings): void {
  if (dialect.isPg || !isReadOtherwise(text)) return;
  for (const one of judgeReadings(text, dialect.readings, parsers)) findings.takeAll(one.findings.filter(isHarm));
}

function judgeReadings(text: string, readings: readonly Reading[], parsers: SqlParsers): readonly JudgedTokens[] {
  return distinctReadings(text, readings).map((tokens) => judgeTokens(tokens, parsers));
}

/** Signs that dialects read differently, and words that elsewhere begin a statement without a semicolon. */
const differs = /[\\#`[$"]|\/\/|\/\*|--(?!\s)|''|\|\|/;
const begins =
  /\b(delete|update|insert|replace|merge|truncate|create|alter|drop|grant|revoke|deny|exec|execute|call|shutdown|kill|backup|restore|dbcc|bulk|reconfigure|waitfor|attach|load|pragma|outfile|dumpfile|infile|(xp|sp|utl|dbms)_\w+|open(rowset|query|datasource)|load_(file|extension))\b/i;

function isReadOtherwise(text: string): boolean {
  return differs.test(text) || begins.test(text);
}

/** What PostgreSQL's grammar cannot take back: another database may run the text. */
function isHarm({ verdict, reason }: SqlFinding): boolean {
  return verdict !== 'read' && verdict !== 'bounded_write' && (verdict !== 'opaque' || reason.startsWith('EXEC'));
}

function distinctReadings(text: string, readings: readonly Reading[]): readonly SqlTokens[] {
  const traits: readonly LexicalTraits[] = readings.flatMap((reading) => {
    const own: LexicalTraits = traitsOf[reading];
    // A server older than the mark skips what stands in it.
    return own.executableComments && /\/\*M?!/.test(text) ? [own, { ...own, executableComments: false }] : [own];
  });
  const seen = new Map<string, LexicalTraits>();
  for (const one of traits) seen.set(keyOf(text, one), one);
  return [...seen.values()].map((one) => lexSql(text, one));
}

/** Only what tells readings apart in this text. */
function keyOf(text: string, traits: LexicalTraits): string {
  const marks: readonly (readonly [keyof LexicalTraits, string])[] = [
    ['hashComments', '#'],
    ['slashComments', '//'],
    ['nestedComments', '/*'],
    ['executableComments', '/*'],
    ['spacedDashes', '--'],
    ['backslashEscapes', '\\'],
    ['doubleQuotedStrings', '"'],
    ['backticks', '`'],
    ['pipesMeanOr', '||'],
    ['brackets', '['],
    ['dollarQuotes', '$'],
    ['tripleQuotes', "''"],
    ['tripleQuotes', '""'],
  ];
  return marks.filter(([trait, mark]) => traits[trait] && text.includes(mark)).join(' ');
}

interface JudgedTokens {
  readonly findings: readonly SqlFinding[];
  /** Statements that count as harmless only if a grammar accepts them. */
  readonly doubtful: readonly (readonly SqlToken[])[];
}

function judgeTokens({ tokens, isWhole, isStrange }: SqlTokens, parsers: SqlParsers): JudgedTokens {
  const findings = new SqlFindings();
  const doubtful: (readonly SqlToken[])[] = [];
  const statements = splitStatements(tokens);
  // What follows an end that never comes is refused by this dialect; what stands before it may have run.
  for (const statement of isWhole ? statements : statements.slice(0, -1)) {
    const slices = slicesOf(statement);
    const needsGrammar = slices.map((slice) => judgeStatement(slice, { pg: parsers.pg, findings }));
    judgeCalls(statement, findings);
    if (needsGrammar.includes(true) || slices.length === 0) doubtful.push(statement);
  }
  if (!isWhole || isStrange) doubtful.push([]);
  return { findings: findings.list, doubtful };
}

function isAccepted(statement: readonly SqlToken[], { grammars }: Dialect, parsers: SqlParsers): boolean {
  if (statement.length === 0) return false;
  if (isPgStatement(toPgText(statement), parsers)) return true;
  const text = toSqlText(statement);
  return text.length <= maxGrammarLength && grammars.some((grammar) => parsers.grammars[grammar]?.(text) ?? false);
}

function isPgStatement(text: string, { pg }: SqlParsers): boolean {
  try {
    pg.parseSync(text);
    return true;
  } catch {
    return false;
  }
}

/** Tokens as most dialects write them, without comments. */
function toSqlText(tokens: readonly SqlToken[]): string {
  return tokens
    .map(({ kind, text }) => {
      if (kind === 'string') return `'${text.replaceAll(/['\\]/g, '')}'`;
      return kind === 'quoted' ? text.replaceAll(/\W/g, '_') || '_' : text;
    })
    .join(' ')
    .replaceAll(' . ', '.');
}
