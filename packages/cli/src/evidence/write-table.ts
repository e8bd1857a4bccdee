/** A table as CSV, JSON and HTML, piece by piece: memory does not grow with rows. */
import { toCsv } from '../csv.ts';
import { escapeHtml } from '../html-text.ts';
import type { EvidenceHeader } from './evidence-header.ts';
import { headerLines } from './evidence-header.ts';
import type { TableDraft } from './evidence-table.ts';

/**
 * RFC 4180 behind lines that begin with `#` (the header). Cells that a spreadsheet would run as formulas stand behind an
 * apostrophe.
 */
export async function* toCsvText(header: EvidenceHeader, table: TableDraft): AsyncGenerator<string> {
  for (const [name, value] of headerLines(header)) yield toCsv([[`# ${name}`, value]]);
  yield toCsv([table.kind.columns]);
  for await (const row of table.rows()) yield toCsv([row]);
}

/** One object: `header`, then `rows`, one a line. */
export async function* toJsonText(header: EvidenceHeader, table: TableDraft): AsyncGenerator<string> {
  yield `{"header":${JSON.stringify(header, null, 1)},\n"columns":${JSON.stringify(table.kind.columns)},\n"rows":[`;
  let before = '\n';
  for await (const row of table.rows()) {
    yield before + JSON.stringify(Object.fromEntries(table.kind.columns.map((column, i) => [column, row[i] ?? ''])));
    before = ',\n';
  }
  yield '\n]}\n';
}

const style = `body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#111;background:#fff}h1{font-size:1.4em}
table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.25em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere;max-width:40em}
th{background:#eee}.mark{font-weight:bold;padding:.5em;border:2px solid #111}.unverified{background:#b00020;color:#fff;border-color:#b00020}
@media print{body{margin:0;font-size:10px}}`;

/** A page of its own: no script, nothing fetched, everything escaped. */
export async function* toHtmlText(header: EvidenceHeader, table: TableDraft): AsyncGenerator<string> {
  const { title, mark } = header;
  const lines = headerLines(header).slice(1);
  const isBad = header.mark.startsWith('UNVERIFIED');
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n`;
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`;
  yield `<title>${escapeHtml(title)}</title>\n<style>${style}</style></head>\n<body>\n<h1>${escapeHtml(title)}</h1>\n`;
  yield `<p class="mark${isBad ? ' unverified' : ''}">${escapeHtml(mark)}</p>\n<table>\n`;
  for (const [name, value] of lines) yield `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>\n`;
  yield `</table>\n<table>\n<thead><tr>${table.kind.columns.map((one) => `<th>${escapeHtml(one)}</th>`).join('')}</tr></thead>\n<tbody>\n`;
  for await (const row of table.rows())
    yield `<tr>${row.map((cell) => `<td>${escapeHtml(String(cell))}</td>`).join('')}</tr>\n`;
  yield '</tbody></table>\n</body></html>\n';
}
