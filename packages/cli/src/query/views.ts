/** The views over a pulled directory: `records`, `sessions`, `leaves`. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseBatchNote } from '@tachograph/archive';
import { createDirectoryStore } from '@tachograph/store';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { partitionColumns, recordColumns, sessionColumns } from './columns.ts';

/** More than any recorder writes into one line. */
const maxLineBytes = 64 * 1024 * 1024;

interface JsonView {
  readonly name: string;
  readonly files: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'uncompressed';
}

const jsonViews: readonly JsonView[] = [
  { name: 'records', files: 'v1/records/**/*.jsonl.gz', columns: recordColumns, compression: 'gzip' },
  { name: 'sessions', files: 'v1/sessions/**/*.json', columns: sessionColumns, compression: 'uncompressed' },
];

/** Creates the views; `leaves` is filled only where the query speaks of it. */
export async function createViews(connection: DuckDBConnection, dir: string, sql: string): Promise<void> {
  for (const view of jsonViews) await connection.run(viewSql(view, dir));
  await connection.run('create table leaves (idx BIGINT, type VARCHAR, time VARCHAR, stream VARCHAR, leaf JSON)');
  if (/\bleaves\b/i.test(sql)) await fillLeaves(connection, dir);
}

function viewSql({ name, files, columns, compression }: JsonView, dir: string): string {
  const hasFiles = globSync(files, { cwd: dir }).length > 0;
  const all = { ...columns, ...partitionColumns };
  if (!hasFiles) {
    const none = Object.entries(all).map(([column, type]) => `null::${type} as "${column}"`);
    return `create view ${name} as select ${none.join(', ')} where false`;
  }
  const options = [
    `format = 'newline_delimited'`,
    `compression = '${compression}'`,
    `columns = ${struct(columns)}`,
    `hive_partitioning = true`,
    `hive_types = ${struct(partitionColumns)}`,
    `maximum_object_size = ${maxLineBytes}`,
  ];
  return `create view ${name} as select * from read_json(${literal(join(dir, files))}, ${options.join(', ')})`;
}

function struct(columns: Readonly<Record<string, string>>): string {
  return `{${Object.entries(columns)
    .map(([column, type]) => `"${column}": ${literal(type)}`)
    .join(', ')}}`;
}

/** An SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Leaves stand in signed notes, which are no JSON: they are read here. */
async function fillLeaves(connection: DuckDBConnection, dir: string): Promise<void> {
  const store = createDirectoryStore(dir);
  const appender = await connection.createAppender('leaves');
  for await (const { name } of store.list('v1/log/batch/')) {
    const batch = parseBatchNote(Buffer.from((await store.get(name)) ?? []).toString('utf8'));
    for (const [i, text] of (batch?.leaves ?? []).entries()) appendLeaf(appender, (batch?.firstIndex ?? 0) + i, text);
  }
  appender.closeSync();
}

function appendLeaf(appender: DuckDBAppender, index: number, text: string): void {
  const { type, at, stream } = factsOf(text);
  appender.appendBigInt(BigInt(index));
  for (const value of [type, at, stream]) {
    if (value === undefined) appender.appendNull();
    else appender.appendVarchar(value);
  }
  appender.appendVarchar(text);
  appender.endRow();
}

function factsOf(text: string): Readonly<Record<'type' | 'at' | 'stream', string | undefined>> {
  let fields = new Map<string, unknown>();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) fields = new Map(Object.entries(value));
  } catch {
    // A leaf that is no JSON is still a row.
  }
  const textOf = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return { type: textOf('type'), at: textOf('at') ?? textOf('receivedAt'), stream: textOf('stream') };
}
