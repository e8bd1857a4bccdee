/** RFC 4180 that spreadsheets do not run: a cell that one would take for a formula stands behind an apostrophe. */
import { stringify } from 'csv-stringify/sync';

/** Rows as text, each ended by CRLF. Numbers and booleans stand as they are. */
export function toCsv(rows: readonly (readonly (string | number | boolean)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? harmless(cell) : cell)));
  return stringify(cells, {
    escape_formulas: true,
    record_delimiter: '\r\n',
    // A lone CR ends a line for some readers, and what follows would begin a cell.
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  });
}

/** Programs that trim a cell see a formula behind blanks and line breaks too. */
function harmless(text: string): string {
  const trimmed = text.replace(/^[\s\p{Cc}]+/u, '');
  return trimmed !== text && /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(trimmed) ? `'${text}` : text;
}
