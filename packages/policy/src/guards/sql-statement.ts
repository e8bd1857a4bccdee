/** What one statement of another dialect does, by its words. */
import { sqlVerdicts, type SqlVerdict } from './guard-verdict.ts';
import type { PgParser } from './pg-context.ts';
import { toPgText } from './pg-rendering.ts';
import { isNode, listAt, nodeAt } from './pg-node.ts';
import { isUnbounded } from './pg-where.ts';
import type { SqlToken } from './sql-lexer.ts';
import type { SqlSlice } from './sql-slices.ts';
import type { SqlFindings } from './sql-findings.ts';
import {
  harmlessVariable,
  hostObject,
  objectWord,
  pragmaWithArgument,
  readPragma,
  rightsObject,
  verbMeanings,
  type VerbMeaning,
} from './sql-verbs.ts';

export interface StatementContext {
  readonly pg: PgParser;
  readonly findings: SqlFindings;
}

/** Judges by the verb. True: a grammar must also accept the statement before it may count as harmless. */
export function judgeStatement(slice: SqlSlice, context: StatementContext): boolean {
  const [verb] = slice.tokens;
  if (verb === undefined) return false;
  const meaning = verb.kind === 'word' ? verbMeanings.get(verb.text) : undefined;
  if (meaning === undefined) {
    context.findings.add('opaque', 'a statement that is not known');
    return false;
  }
  if (meaning === 'special') return specials[verb.text]?.(slice.tokens, context) ?? false;
  return judgeMeaning(meaning, slice.tokens, context);
}

function judgeMeaning(meaning: VerbMeaning, tokens: readonly SqlToken[], context: StatementContext): boolean {
  const judge = judges[meaning];
  if (judge !== undefined) {
    judge(tokens, context);
    return true;
  }
  if (isOverwriting(tokens)) context.findings.add('unbounded_write', 'INSERT OVERWRITE replaces what is there');
  const verdict = sqlVerdicts.find((one) => one === meaning);
  if (verdict !== undefined && verdict !== 'read')
    context.findings.add(verdict, `the statement ${tokens[0]?.text ?? ''}`);
  return verdict === 'bounded_write';
}

/** Spark, Hive and Snowflake. */
function isOverwriting([verb, next]: readonly SqlToken[]): boolean {
  return verb?.text === 'INSERT' && next?.kind === 'word' && next.text === 'OVERWRITE';
}

const judges: Partial<Readonly<Record<VerbMeaning, (tokens: readonly SqlToken[], context: StatementContext) => void>>> =
  {
    where: judgeRows,
    merge: judgeMerge,
    grammar: judgeInto,
  };

const maxLimit = 1000;

function judgeRows(tokens: readonly SqlToken[], context: StatementContext): void {
  const verb = tokens[0]?.text ?? '';
  const depth = tokens[0]?.depth ?? 0;
  const where = tokens.findIndex((token) => token.kind === 'word' && token.text === 'WHERE' && token.depth === depth);
  if (where === -1) {
    if (hasLimit(tokens)) context.findings.add('bounded_write', `${verb} of a limited number of rows`);
    else context.findings.add('unbounded_write', `${verb} without WHERE`);
    return;
  }
  judgeCondition(verb, conditionFrom(tokens, where + 1, depth), context);
}

function conditionFrom(tokens: readonly SqlToken[], start: number, depth: number): readonly SqlToken[] {
  const ends = /^(ORDER|LIMIT|RETURNING|OPTION|GROUP|WHEN|OUTPUT|SETTINGS)$/;
  const end = tokens.findIndex(
    (token, at) => at >= start && token.depth <= depth && token.kind === 'word' && ends.test(token.text),
  );
  return tokens.slice(start, end === -1 ? tokens.length : end);
}

function judgeCondition(verb: string, condition: readonly SqlToken[], { pg, findings }: StatementContext): void {
  const tree = parseCondition(condition, pg);
  if (tree === undefined) findings.add('opaque', `${verb} with a WHERE that is not understood`);
  else if (isUnbounded(tree, new Set())) findings.add('unbounded_write', `${verb} whose WHERE picks every row`);
  else findings.add('bounded_write', `${verb} of some rows`);
}

function parseCondition(condition: readonly SqlToken[], pg: PgParser): unknown {
  try {
    const tree = pg.parseSync(`SELECT 1 WHERE ${toPgText(condition)}`);
    const statements = listAt(isNode(tree) ? tree : {}, 'stmts');
    const select = nodeAt(nodeAt(statements[0] ?? {}, 'stmt'), 'SelectStmt');
    return statements.length === 1 ? select['whereClause'] : undefined;
  } catch {
    return undefined;
  }
}

/** `LIMIT 10`, `TOP (10)`. */
function hasLimit(tokens: readonly SqlToken[]): boolean {
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && (text === 'LIMIT' || text === 'TOP'));
  if (at === -1) return false;
  const count = tokens.slice(at + 1, at + 3).find(({ kind }) => kind === 'number');
  const isPercent = tokens.slice(at + 1, at + 6).some(({ text }) => text === 'PERCENT');
  return count !== undefined && !isPercent && Number(count.text) <= maxLimit;
}

function judgeMerge(tokens: readonly SqlToken[], context: StatementContext): void {
  const depth = tokens[0]?.depth ?? 0;
  const isAt = (token: SqlToken | undefined, text: string): boolean => token?.text === text && token.depth === depth;
  const on = tokens.findIndex((token) => isAt(token, 'ON'));
  const changes = tokens.some(({ text }, at) => /^(DELETE|UPDATE)$/.test(text) && tokens[at - 1]?.text === 'THEN');
  if (!changes) return context.findings.add('bounded_write', 'MERGE that adds rows');
  const isUnmatched = tokens.some(({ text }, at) => text === 'SOURCE' && tokens[at + 1]?.text === 'THEN');
  if (isUnmatched) return context.findings.add('unbounded_write', 'MERGE that changes rows without a match');
  return judgeCondition('MERGE', on === -1 ? [] : conditionFrom(tokens, on + 1, depth), context);
}

/** `SELECT … INTO a_table`; into a variable is a read. */
function judgeInto(tokens: readonly SqlToken[], { findings }: StatementContext): void {
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'INTO');
  const before = tokens[at - 1]?.text ?? '';
  if (at === -1 || /^(INSERT|REPLACE|MERGE|IGNORE)$/.test(before)) return;
  const after = tokens[at + 1];
  if (/^(OUTFILE|DUMPFILE)$/.test(after?.text ?? '')) findings.add('host', 'SELECT INTO a file of the server');
  else if (after?.kind !== 'variable') findings.add('ddl', 'SELECT INTO makes a table');
}

type Special = (tokens: readonly SqlToken[], context: StatementContext) => boolean;

const show: Special = (tokens, { findings }) => {
  if (tokens.some(({ text, kind }) => kind === 'sign' && text === '(')) findings.add('opaque', 'SHOW of an expression');
  return false;
};

const explain: Special = (tokens, context) => {
  const at = tokens.findIndex(
    ({ kind, text }, index) =>
      index > 0 && kind === 'word' && /^(SELECT|WITH|VALUES|TABLE|INSERT|UPDATE|DELETE|REPLACE|MERGE)$/.test(text),
  );
  const isRun = tokens.slice(0, at === -1 ? 8 : at).some(({ text }) => /^(ANALYZE|ANALYSE|PROFILE)$/.test(text));
  if (at === -1) return false;
  const inner = tokens.slice(at);
  if (isRun) return judgeStatement({ tokens: inner, isWithin: true }, context);
  return false;
};

const set: Special = (tokens, { findings }) => {
  const [first = '', second = '', third = ''] = tokens
    .slice(1)
    .map(({ text }) => text.replace(/^@@(\w+\.)?/, '').toUpperCase());
  const name = /^(SESSION|LOCAL)$/.test(first) ? second.replace(/^\./, third) : first;
  if (isGlobalSetting(tokens[1])) findings.add('host', 'SET of a setting of the server');
  else if (privilegeVariable.test(name)) findings.add('privilege', 'SET changes who asks, or what holds');
  else if (!isUserVariable(tokens[1]) && !harmlessVariable.test(name))
    findings.add('opaque', 'SET of a setting that is not known');
  return false;
};

function isGlobalSetting(token: SqlToken | undefined): boolean {
  return /^(GLOBAL|PERSIST|PERSIST_ONLY)$|^@@(global|persist)/i.test(token?.text ?? '');
}

function isUserVariable(token: SqlToken | undefined): boolean {
  return token?.kind === 'variable' && !token.text.startsWith('@@');
}

const privilegeVariable = /^(ROLE|PASSWORD|DEFAULT|AUTHORIZATION|IDENTITY_INSERT|SQL_LOG_BIN)$/;

const pragma: Special = (tokens, { findings }) => {
  const at = tokens[2]?.text === '.' ? 3 : 1;
  const name = tokens[at]?.text.toUpperCase() ?? '';
  const rest = tokens.slice(at + 1);
  const isRead =
    readPragma.test(name) && (rest.length === 0 || (pragmaWithArgument.test(name) && rest[0]?.text === '('));
  if (!isRead) findings.add('opaque', 'PRAGMA that may change the database');
  return false;
};

const define: Special = (tokens, { findings }) => {
  const objects = tokens
    .slice(1, 5)
    .filter(({ kind }) => kind === 'word')
    .map(({ text }) => text);
  const verdict: SqlVerdict =
    tokens.some(({ text }) => text === 'SONAME') || objects.slice(0, 2).some((one) => hostObject.test(one))
      ? 'host'
      : rightsObject.test(objects[0] ?? '')
        ? 'privilege'
        : 'ddl';
  findings.add(verdict, `the statement ${tokens[0]?.text ?? ''}`);
  if (!objectWord.test(objects[0] ?? '')) findings.add('opaque', 'a definition that is not known');
  return false;
};

const run: Special = (_, { findings }) => {
  findings.add('opaque', 'EXEC of a procedure or text');
  return false;
};

const specials: Readonly<Record<string, Special>> = {
  SHOW: show,
  DESC: explain,
  DESCRIBE: explain,
  EXPLAIN: explain,
  SET: set,
  PRAGMA: pragma,
  VACUUM: (tokens, { findings }) => {
    if (tokens.some(({ text }) => text === 'INTO')) findings.add('host', 'VACUUM INTO a file');
    else findings.add('bounded_write', 'the statement VACUUM');
    return false;
  },
  CREATE: define,
  ALTER: define,
  DROP: define,
  RENAME: define,
  EXEC: run,
  EXECUTE: run,
  COPY: (_, { findings }) => {
    findings.add('host', 'COPY reads or writes files');
    return false;
  },
  RESET: (_, { findings }) => {
    findings.add('privilege', 'RESET changes the server or who asks');
    return false;
  },
  ANALYZE: (tokens, context) => {
    const runs = tokens.some(({ text }, at) => at > 0 && /^(SELECT|WITH|INSERT|UPDATE|DELETE)$/.test(text));
    if (runs) return explain([{ kind: 'word', text: 'EXPLAIN', depth: 0 }, ...tokens], context);
    context.findings.add('bounded_write', 'the statement ANALYZE');
    return false;
  },
};
