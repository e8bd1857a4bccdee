/** One read-only SQL statement over a pulled directory. A view of the archive: never a proof. */
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { DuckDBConnection, Json } from '@duckdb/node-api';
import { CliError } from '../cli-error.ts';
import { createViews, literal } from './views.ts';

/** The optional package. */
export type DuckDb = typeof import('@duckdb/node-api');

/** Rows as JSON values, in pieces. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Json[]>;
}

export interface QueryOptions {
  readonly sql: string;
  readonly dir: string;
  readonly memoryMb: number;
  readonly load: () => Promise<DuckDb>;
}

/** Loads DuckDB; throws `state` when it is not installed. */
export async function loadDuckDb(
  importPackage: () => Promise<DuckDb> = async () => import('@duckdb/node-api'),
): Promise<DuckDb> {
  try {
    return await importPackage();
  } catch (cause) {
    const message = 'tacho query needs the optional package @duckdb/node-api, which is not installed';
    throw new CliError('state', `${message}: npm install @duckdb/node-api@1.5.6-r.1`, { cause });
  }
}

/** Runs the statement and hands the result to `take` while the database is open. */
export async function runQuery(options: QueryOptions, take: (result: QueryResult) => Promise<void>): Promise<void> {
  const dir = await toDirectory(options.dir);
  const duckdb = await options.load();
  // Nothing is loaded, installed or spilled to disk.
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    memory_limit: `${options.memoryMb}MB`,
    temp_directory: '',
  });
  const connection = await instance.connect();
  try {
    await confine(connection, dir, options.sql);
    await assertReadOnly(duckdb, connection, options.sql);
    const result = await asUsageError(async () => await connection.stream(options.sql));
    await asUsageError(async () => take({ columns: result.deduplicatedColumnNames(), rows: rowsOf(result) }));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function* rowsOf(result: Awaited<ReturnType<DuckDBConnection['stream']>>): AsyncGenerator<readonly Json[]> {
  for await (const rows of result.yieldRowsJson()) yield* rows;
}

/** A directory that holds an archive; DuckDB takes some characters of a path for a pattern. */
async function toDirectory(dir: string): Promise<string> {
  if (/^[a-z]+:\/\//i.test(dir)) throw new CliError('usage', `${dir} is no directory: pull what is asked about first`);
  const path = await realpath(dir).catch(() => undefined);
  if (path === undefined) throw new CliError('not_found', `there is no directory ${dir}`);
  if (/[*?[\]{}]/.test(path)) throw new CliError('usage', `${path}: a path without * ? [ ] { } is needed`);
  const archive = await stat(join(path, 'v1')).catch(() => undefined);
  if (archive?.isDirectory() === true) return path;
  throw new CliError('not_found', `${dir} is no archive: expected a directory that tacho pull has made`);
}

/** From here on only this directory can be read, and no statement can change that. */
async function confine(connection: DuckDBConnection, dir: string, sql: string): Promise<void> {
  await connection.run(`set allowed_directories = [${literal(`${dir}${sep}v1${sep}`)}]`);
  await connection.run('set enable_external_access = false');
  await createViews(connection, dir, sql);
  await connection.run('set lock_configuration = true');
}

/** How a statement begins that reads; white space, comments and parentheses may come before. */
const reading =
  /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/|\()*(?:select|with|from|values|describe|summarize|show|pivot|unpivot)\b/i;

/**
 * The sandbox lets a statement write where it may read: so only statements that read are run. The beginning is looked
 * at first, because preparing an `export database` already makes its directory.
 */
async function assertReadOnly(duckdb: DuckDb, connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await asUsageError(async () => connection.extractStatements(sql));
  if (statements.count !== 1) throw new CliError('usage', `expected one SQL statement, got ${statements.count}`);
  if (!reading.test(sql)) throw notReading();
  const statement = await asUsageError(async () => statements.prepare(0));
  const isSelect = statement.statementType === duckdb.StatementType.SELECT;
  statement.destroySync();
  if (!isSelect) throw notReading();
}

function notReading(): CliError {
  return new CliError('refused', 'only SELECT is run: an archive is never written to');
}

async function asUsageError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('usage', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
