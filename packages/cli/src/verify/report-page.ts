/** The report as a page for people: no script, nothing loaded, every text escaped. */
import type { Finding, Severity } from '@tachograph/archive';
import { escapeHtml } from '../html-text.ts';
import type { ReportDocument } from './report-files.ts';

type Document = Omit<ReportDocument, 'signer'>;

const severities: readonly Severity[] = ['tampered', 'missing', 'incomplete', 'note'];

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
th{font-weight:600;width:14rem}code{font:13px ui-monospace,monospace}
.verdict{padding:1rem;border-left:.5rem solid;background:#f6f6f6}.verified{border-color:#1a7f37}.tampered{border-color:#b00020}
.missing,.incomplete{border-color:#9a6700}`;

/** `digest`: SHA-256 of report.json, which is the evidence; this page only shows it. */
export function formatReportPage(report: Document, digest: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>Verification of ${escapeHtml(report.archive)}</title>
<style>${style}</style></head><body>
<h1>Verification of ${escapeHtml(report.archive)}</h1>
<p class="verdict ${report.verdict}"><strong>${escapeHtml(report.text)}</strong><br>exit code ${report.exitCode}</p>
<table>${factRows(report).map(row).join('')}</table>
<h2>Witnesses</h2>${witnessTable(report)}
<h2>What was looked at</h2><table>${Object.entries(report.counts)
    .map(([name, count]) => row([name, String(count)]))
    .join('')}</table>
<h2>Findings</h2>${findingTables(report)}
<h2>This page</h2><p>It shows what <code>report.json</code> says, whose SHA-256 is <code>${digest}</code>. Only that file is signed. What verification cannot show is in the format's section 8.</p>
</body></html>
`;
}

function factRows({ log, checkpoint, period, ...report }: Document): [string, string][] {
  return [
    ['Log', `${log.size} leaves, root ${log.root}`],
    [
      'Checkpoint',
      checkpoint === undefined ? 'none' : `${checkpoint.origin}, size ${checkpoint.size}, root ${checkpoint.root}`,
    ],
    ['Period of the log', period === undefined ? 'empty' : `${period.from} to ${period.to}, as the log asserts`],
    ['Selection', report.selection === undefined ? 'all of it' : JSON.stringify(report.selection)],
    ['Coverage of pods', report.coverage],
    ['Policy', `SHA-256 ${report.policy.sha256}, quorum ${report.policy.quorum}`],
    [
      'Verified',
      `${report.startedAt} to ${report.finishedAt}, by ${report.verifier.program} ${report.verifier.version}`,
    ],
  ];
}

function witnessTable({ witnesses }: Document): string {
  if (witnesses.length === 0) return '<p>The policy names none.</p>';
  const rows = witnesses.map(({ witness, keyName, size, at, checkpoints }): [string, string] => [
    `${witness} (${keyName})`,
    size === undefined
      ? 'has signed nothing here'
      : `log size ${size} at ${at ?? '?'}, ${checkpoints} checkpoints in all`,
  ]);
  return `<table>${rows.map(row).join('')}</table>`;
}

function findingTables({ findings }: Document): string {
  const all = severities.reduce((sum, severity) => sum + findings.counts[severity], 0);
  if (all === 0) return '<p>None.</p>';
  const tables = severities.map((severity) => findingTable(severity, findings.counts[severity], findings.list));
  const rest = all > findings.listed ? `<p>${all - findings.listed} further findings are counted, not listed.</p>` : '';
  return `${tables.join('')}${rest}`;
}

function findingTable(severity: Severity, count: number, list: readonly Finding[]): string {
  if (count === 0) return '';
  const rows = list
    .filter((finding) => finding.severity === severity)
    .map(({ kind, object, line, reason }) => {
      const place = line === undefined ? object : `${object} line ${line}`;
      return `<tr><th>${escapeHtml(kind)}</th><td><code>${escapeHtml(place)}</code><br>${escapeHtml(reason)}</td></tr>`;
    });
  return `<h3>${count} ${severity}</h3><table>${rows.join('')}</table>`;
}

function row([name, value]: readonly [string, string]): string {
  return `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`;
}
