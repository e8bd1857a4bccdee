import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { toCsv } from '../csv.ts';
import { loadDuckDb, type QueryResult, runQuery } from '../query/run-query.ts';
import { safeText } from '../replay/safe-text.ts';
import { textTable } from '../text-table.ts';
import { parseMegabytesOption } from './option-parsers.ts';

interface QueryCommandOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly memory: number;
}

/** `tacho query`: SQL over a pulled archive. */
export function addQueryCommand(program: Command, context: CliContext): void {
  program
    .command('query')
    .description('Ask a pulled archive in SQL (DuckDB); a view of it, never a proof')
    .argument('<sql>', 'one SELECT over records, sessions and leaves')
    .argument('<dir>', 'directory that tacho pull has made')
    .option('--json', 'print {"columns", "rows"}; whole numbers over 2^53 stay exact as text')
    .option('--csv', 'print CSV; cells that a spreadsheet would run stand behind an apostrophe')
    .option('--memory <mb>', 'limit of memory in MB; nothing is spilled to disk', parseMegabytesOption, 1024)
    .addHelpText(
      'after',
      `
records   a row a record: the fields of the format, and cluster, namespace, dt of its object. principal, client,
          decision, mask, http, sse, detail and blob are JSON (principal->>'sub'); body is the exact text.
sessions  a row a manifest: the highest rev of a session holds.
leaves    a row a log entry: idx, type, time, stream, leaf (JSON).

Only SELECT is run. The statement can read nothing outside of the directory, and nothing is installed or loaded.

Exit codes: 0 answered; 1 refused, because it is no SELECT; 3 no such archive; 64 the SQL is wrong, or the optional
package @duckdb/node-api is not installed.

Examples:
  tacho query "select kind, count(*) from records group by 1 order by 2 desc" case-42
  tacho query "select time, principal->>'sub' as who, gen_ai_tool_name from records where decision->>'verdict' = 'deny'" case-42
  tacho query "select body from records where kind = 'mcp.request' order by stream, seq" case-42 --json
  tacho query "select namespace, workload, count(*) from sessions group by all" november --csv > sessions.csv`,
    )
    .action(async (sql: string, dir: string, options: QueryCommandOptions) => query(context, { sql, dir, options }));
}

interface Asked {
  readonly sql: string;
  readonly dir: string;
  readonly options: QueryCommandOptions;
}

async function query(context: CliContext, { sql, dir, options }: Asked): Promise<void> {
  if (options.json === true && options.csv === true) throw new CliError('usage', 'expected --json or --csv, not both');
  const print = options.json === true ? printAsJson : options.csv === true ? printAsCsv : printAsTable;
  await runQuery({ sql, dir, memoryMb: options.memory, load: loadDuckDb }, async (result) => print(context, result));
}

async function printAsJson(context: CliContext, { columns, rows }: QueryResult): Promise<void> {
  context.out(`{"columns":${JSON.stringify(columns)},"rows":[`);
  let separator = '\n';
  for await (const row of rows) {
    const fields = Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]));
    context.out(`${separator}${safeText(JSON.stringify(fields))}`);
    separator = ',\n';
    await context.outReady();
  }
  context.out('\n]}\n');
}

async function printAsCsv(context: CliContext, { columns, rows }: QueryResult): Promise<void> {
  context.out(toCsv([columns]));
  for await (const row of rows) {
    context.out(toCsv([row.map(toText)]));
    await context.outReady();
  }
}

const longestCell = 200;
const mostRows = 10_000;

async function printAsTable(context: CliContext, { columns, rows }: QueryResult): Promise<void> {
  const table: (readonly string[])[] = [columns];
  let isCut = false;
  for await (const row of rows) {
    isCut = table.length > mostRows;
    if (isCut) break;
    table.push(row.map((value) => shortened(safeText(toText(value)))));
  }
  context.out(textTable(table));
  if (isCut) context.err(`only the first ${mostRows} rows are shown: --json and --csv print all\n`);
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shortened(text: string): string {
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : text;
}
