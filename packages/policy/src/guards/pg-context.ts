/** What judging a PostgreSQL text needs at hand. */
import type { SqlFindings } from './sql-findings.ts';

/** The two functions of the parser; both throw on what is no PostgreSQL. */
export interface PgParser {
  parseSync(text: string): unknown;
  parsePlPgSQLSync(text: string): unknown;
}

export interface PgContext {
  readonly parser: PgParser;
  /** Only PostgreSQL's own functions are known. */
  readonly isPgOnly: boolean;
  /** How many texts this one is within. */
  readonly depth: number;
  readonly findings: SqlFindings;
  /** Judges a text within; false: it does not parse. */
  readonly judgeText: (text: string, context: PgContext) => boolean;
  /** Statements that the text prepares. */
  readonly prepared: Set<string>;
}
