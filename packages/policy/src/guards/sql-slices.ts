/** Where statements begin within a run of tokens: at a semicolon, and at verbs that stand within or without one. */
import { objectWord } from './sql-verbs.ts';
import type { SqlToken } from './sql-lexer.ts';

/** The tokens of one statement, from its verb on. */
export interface SqlSlice {
  readonly tokens: readonly SqlToken[];
  /** Within another statement: WITH … DELETE, or a batch without semicolons. */
  readonly isWithin: boolean;
}

/** Splits at semicolons, wherever they stand. */
export function splitStatements(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const statements: SqlToken[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'sign' && token.text === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

/** The statement, and every one that begins within it. Each ends where its parentheses or the text end. */
export function slicesOf(statement: readonly SqlToken[]): readonly SqlSlice[] {
  const first = statement.findIndex(({ text, kind }) => kind !== 'sign' || text !== '(');
  if (first === -1) return [];
  const starts = [first];
  if (isAboutStatements(statement, first)) return [{ tokens: statement.slice(first), isWithin: false }];
  for (let at = first + 1; at < statement.length; at += 1) if (isVerbWithin(statement, at)) starts.push(at);
  return starts.slice(0, 256).map((start, index) => ({
    tokens: statement.slice(start, endOf(statement, start, starts[index + 1])),
    isWithin: index > 0,
  }));
}

/** SHOW, and EXPLAIN that does not run what it explains. */
function isAboutStatements(statement: readonly SqlToken[], first: number): boolean {
  const head = statement[first]?.text ?? '';
  if (/^(SHOW|PRAGMA|HELP)$/.test(head)) return true;
  const isRun = statement.slice(first, first + 12).some(({ text }) => /^(ANALYZE|ANALYSE|PROFILE)$/.test(text));
  return /^(EXPLAIN|DESC|DESCRIBE)$/.test(head) && !isRun;
}

function endOf(statement: readonly SqlToken[], start: number, next: number | undefined): number {
  const depthAt = (at: number): number => statement[at]?.depth ?? 0;
  const depth = depthAt(start);
  const limit = next === undefined || depthAt(next) > depth ? statement.length : next;
  for (let at = start + 1; at < limit; at += 1) if (depthAt(at) < depth) return at;
  return limit;
}

type Follows = (after: SqlToken | undefined, statement: readonly SqlToken[], at: number) => boolean;

const isName: Follows = (after) =>
  after?.kind === 'word'
    ? !/^(AS|FROM|ON|THEN|END|AND|OR|IS|IN|ASC|DESC|JOIN)$/.test(after.text)
    : after?.kind === 'quoted';
const isObject: Follows = (after) => after?.kind === 'word' && objectWord.test(after.text);
const always: Follows = () => true;

const verbsWithin: Readonly<Record<string, Follows>> = {
  DELETE: (after, statement, at) => after?.text === 'FROM' || after?.text === 'TOP' || isName(after, statement, at),
  UPDATE: (_, statement, at) =>
    statement.slice(at + 1, at + 24).some(({ text, kind }) => kind === 'word' && text === 'SET'),
  INSERT: isName,
  REPLACE: (after) => after?.text === 'INTO',
  MERGE: isName,
  TRUNCATE: isName,
  CREATE: isObject,
  ALTER: isObject,
  DROP: isObject,
  GRANT: isName,
  REVOKE: isName,
  DENY: isName,
  EXEC: always,
  EXECUTE: always,
  CALL: isName,
  SHUTDOWN: (after) => after === undefined || /^(WITH|IMMEDIATE|ABORT|NORMAL)$/.test(after.text),
  KILL: (after) =>
    after?.kind === 'number' || after?.kind === 'string' || /^(QUERY|CONNECTION)$/.test(after?.text ?? ''),
  BACKUP: (after) => /^(DATABASE|LOG|CERTIFICATE)$/.test(after?.text ?? ''),
  RESTORE: (after) => /^(DATABASE|LOG|FILELISTONLY|HEADERONLY)$/.test(after?.text ?? ''),
  DBCC: isName,
  BULK: (after) => after?.text === 'INSERT',
  RECONFIGURE: always,
  WAITFOR: (after) => /^(DELAY|TIME)$/.test(after?.text ?? ''),
  ATTACH: (after) => after?.kind === 'string' || after?.text === 'DATABASE',
  LOAD: (after) => /^(DATA|XML|INDEX)$/.test(after?.text ?? ''),
  PRAGMA: isName,
};

/** Words after which the verb is part of a clause: FOR UPDATE, ON DELETE CASCADE, ON DUPLICATE KEY UPDATE, THEN UPDATE. */
const clauseBefore = /^(FOR|KEY|AS|ON|DO|THEN|BEFORE|AFTER|OR|OF|INSTEAD|\.|,|SELECT|WHERE|BY|=|GRANT|REVOKE)$/;

function isVerbWithin(statement: readonly SqlToken[], at: number): boolean {
  const token = statement[at];
  if (token?.kind !== 'word' || !Object.hasOwn(verbsWithin, token.text)) return false;
  const after = statement[at + 1];
  // "SELECT 1 AS x" and "ON DELETE" are no verbs; "THEN DELETE FROM" is, of its own slice.
  const before = clauseWord(statement[at - 1]);
  if (before !== undefined) return /^(THEN|DO)$/.test(before) && after?.text === 'FROM';
  return !isUsedAsName(token, after) && verbsWithin[token.text]?.(after, statement, at) === true;
}

function isUsedAsName(token: SqlToken, after: SqlToken | undefined): boolean {
  const next = after?.text ?? '';
  return /^[.,=]$/.test(next) || (next === '(' && !token.text.startsWith('EXEC'));
}

function clauseWord(token: SqlToken | undefined): string | undefined {
  const isBare = token?.kind === 'word' || token?.kind === 'sign';
  return isBare && clauseBefore.test(token.text) ? token.text : undefined;
}
