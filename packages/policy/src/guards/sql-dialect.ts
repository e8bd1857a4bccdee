/** Databases other than PostgreSQL: how their texts are read, and which grammar knows them. */

/** How a dialect's words, strings and comments are told apart. */
export interface LexicalTraits {
  /** `#` begins a comment. */
  readonly hashComments: boolean;
  /** `//` begins a comment. */
  readonly slashComments: boolean;
  /** A comment may hold a comment. */
  readonly nestedComments: boolean;
  /** What stands in these comments runs. */
  readonly executableComments: boolean;
  /** `--` begins a comment only before a space. */
  readonly spacedDashes: boolean;
  readonly backslashEscapes: boolean;
  /** `"a text"` is a string, not a name. */
  readonly doubleQuotedStrings: boolean;
  readonly backticks: boolean;
  /** `a || b` is true where either is; else it joins texts. */
  readonly pipesMeanOr: boolean;
  /** `[a name]`. */
  readonly brackets: boolean;
  /** `$$ a text $$`, `$tag$ a text $tag$`. */
  readonly dollarQuotes: boolean;
  /** `'''a text'''`. */
  readonly tripleQuotes: boolean;
}

const plain: LexicalTraits = {
  hashComments: false,
  slashComments: false,
  nestedComments: false,
  executableComments: false,
  spacedDashes: false,
  backslashEscapes: false,
  doubleQuotedStrings: false,
  backticks: false,
  pipesMeanOr: false,
  brackets: false,
  dollarQuotes: false,
  tripleQuotes: false,
};

const mysql: LexicalTraits = {
  ...plain,
  hashComments: true,
  executableComments: true,
  spacedDashes: true,
  backslashEscapes: true,
  doubleQuotedStrings: true,
  backticks: true,
  pipesMeanOr: true,
};

export const traitsOf = {
  postgresql: { ...plain, nestedComments: true, dollarQuotes: true },
  mysql,
  /** As MySQL with NO_BACKSLASH_ESCAPES. */
  'mysql-plain': { ...mysql, backslashEscapes: false },
  mariadb: mysql,
  transactsql: { ...plain, nestedComments: true, brackets: true },
  sqlite: { ...plain, backticks: true, brackets: true },
  bigquery: {
    ...plain,
    hashComments: true,
    backslashEscapes: true,
    doubleQuotedStrings: true,
    backticks: true,
    tripleQuotes: true,
  },
  snowflake: { ...plain, slashComments: true, backslashEscapes: true, dollarQuotes: true },
  clickhouse: { ...plain, hashComments: true, backslashEscapes: true, backticks: true },
  spark: { ...plain, backslashEscapes: true, doubleQuotedStrings: true, backticks: true },
  trino: plain,
  oracle: plain,
} as const satisfies Readonly<Record<string, LexicalTraits>>;

/** A way of reading; `postgresql` also has a grammar of its own here. */
export type Reading = keyof typeof traitsOf;

/** What node-sql-parser calls its grammars. */
export type Grammar =
  | 'mysql'
  | 'mariadb'
  | 'transactsql'
  | 'sqlite'
  | 'bigquery'
  | 'snowflake'
  | 'trino'
  | 'hive'
  | 'redshift'
  | 'db2'
  | 'athena'
  | 'flinksql';

export interface Dialect {
  /** The PostgreSQL grammar is its grammar. */
  readonly isPg: boolean;
  readonly readings: readonly Reading[];
  readonly grammars: readonly Grammar[];
}

const of = (reading: Reading, ...grammars: readonly Grammar[]): Dialect => ({
  isPg: false,
  readings: [reading],
  grammars,
});
const pg: Dialect = { isPg: true, readings: [], grammars: [] };

const dialects: Readonly<Record<string, Dialect>> = {
  postgresql: pg,
  postgres: pg,
  pg: pg,
  timescaledb: pg,
  mysql: of('mysql', 'mysql'),
  mariadb: of('mariadb', 'mariadb', 'mysql'),
  tidb: of('mysql', 'mysql'),
  transactsql: of('transactsql', 'transactsql'),
  tsql: of('transactsql', 'transactsql'),
  mssql: of('transactsql', 'transactsql'),
  sqlserver: of('transactsql', 'transactsql'),
  fabric: of('transactsql', 'transactsql'),
  sqlite: of('sqlite', 'sqlite'),
  sqlite3: of('sqlite', 'sqlite'),
  bigquery: of('bigquery', 'bigquery'),
  snowflake: of('snowflake', 'snowflake'),
  redshift: of('postgresql', 'redshift'),
  cockroachdb: of('postgresql'),
  duckdb: of('postgresql'),
  trino: of('trino', 'trino'),
  presto: of('trino', 'trino'),
  athena: of('spark', 'athena', 'trino'),
  hive: of('spark', 'hive'),
  spark: of('spark', 'hive'),
  databricks: of('spark', 'hive'),
  flinksql: of('spark', 'flinksql'),
  db2: of('trino', 'db2'),
  oracle: of('oracle'),
  plsql: of('oracle'),
  clickhouse: of('clickhouse'),
};

/** Where nobody says which database it is: any of these. */
const any: Dialect = {
  isPg: false,
  readings: ['postgresql', 'mysql', 'mysql-plain', 'transactsql', 'sqlite', 'bigquery', 'snowflake', 'oracle'],
  grammars: ['mysql', 'transactsql', 'sqlite'],
};

/** The dialect by one of its usual names; without a name, or with one that is not known, whatever it may be. */
export function dialectOf(name: string | undefined): Dialect {
  const key = name?.toLowerCase().replace(/[\s_-]/g, '') ?? '';
  return Object.hasOwn(dialects, key) ? (dialects[key] ?? any) : any;
}

export function isDialectKnown(dialect: Dialect): boolean {
  return dialect !== any;
}
