/** The grammars, loaded when a text first needs them: a program that guards nothing never reads them. */
import type { PgParser } from './pg-context.ts';
import type { Grammar } from './sql-dialect.ts';

/** Whether a grammar accepts a statement whole. */
export type Accepts = (statement: string) => boolean;

export interface SqlParsers {
  readonly pg: PgParser;
  readonly grammars: Partial<Readonly<Record<Grammar, Accepts>>>;
}

interface GrammarModule {
  readonly Parser: new () => { astify(sql: string, options: { readonly database: string }): unknown };
}

interface PgModule extends PgParser {
  loadModule(): Promise<void>;
}

/** The parsers are CommonJS: Node names their exports; in a file made by a bundler they are under `default` alone. */
type Loaded<T> = T | { readonly default: T };

const loaders: Readonly<Record<Grammar, () => Promise<Loaded<GrammarModule>>>> = {
  mysql: async () => import('node-sql-parser/build/mysql.js'),
  mariadb: async () => import('node-sql-parser/build/mariadb.js'),
  transactsql: async () => import('node-sql-parser/build/transactsql.js'),
  sqlite: async () => import('node-sql-parser/build/sqlite.js'),
  bigquery: async () => import('node-sql-parser/build/bigquery.js'),
  snowflake: async () => import('node-sql-parser/build/snowflake.js'),
  trino: async () => import('node-sql-parser/build/trino.js'),
  hive: async () => import('node-sql-parser/build/hive.js'),
  redshift: async () => import('node-sql-parser/build/redshift.js'),
  db2: async () => import('node-sql-parser/build/db2.js'),
  athena: async () => import('node-sql-parser/build/athena.js'),
  flinksql: async () => import('node-sql-parser/build/flinksql.js'),
};

export async function loadPg(): Promise<PgParser> {
  const loaded: Loaded<PgModule> = await import('libpg-query');
  const pg = exportsOf(loaded);
  await pg.loadModule();
  return pg;
}

export async function loadGrammar(grammar: Grammar): Promise<Accepts> {
  const { Parser } = exportsOf(await loaders[grammar]());
  const parser = new Parser();
  return (statement) => {
    try {
      parser.astify(statement, { database: grammar });
      return true;
    } catch {
      // Its errors quote the statement.
      return false;
    }
  };
}

function exportsOf<T extends object>(loaded: Loaded<T>): T {
  return 'default' in loaded ? loaded.default : loaded;
}
