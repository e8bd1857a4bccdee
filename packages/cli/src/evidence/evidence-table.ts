/** Rows of one artefact, on disk until everything that every file must name is known. */
import { join } from 'node:path';
import { createLineSpool } from './line-spool.ts';

/** A value as auditors see it. */
export type Cell = string | number | boolean;

/** By column; a column that is left out is empty. */
export type Row = Readonly<Record<string, Cell | undefined>>;

/** What a table is. `columns`: the first never holds text that others wrote. */
export interface TableKind {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
}

/** A table that grows. */
export interface TableDraft {
  readonly kind: TableKind;
  readonly count: number;
  add(row: Row): void;
  rows(): AsyncGenerator<readonly Cell[]>;
  close(): void;
}

/** Makes the draft's file in `dir`. */
export function createTableDraft(dir: string, kind: TableKind): TableDraft {
  const spool = createLineSpool(join(dir, `${kind.name}.rows`));
  return {
    kind,
    get count() {
      return spool.count;
    },
    add: (row) => spool.add(JSON.stringify(kind.columns.map((column) => row[column] ?? ''))),
    async *rows() {
      for await (const line of spool.lines()) yield parseRow(line);
    },
    close: () => spool.close(),
  };
}

/** Lines of our own. */
function parseRow(line: string): readonly Cell[] {
  const cells: unknown = JSON.parse(line);
  return Array.isArray(cells) ? cells.map(toCell) : [];
}

function toCell(cell: unknown): Cell {
  return typeof cell === 'number' || typeof cell === 'boolean' ? cell : String(cell);
}
