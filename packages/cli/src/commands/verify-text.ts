import type { Finding, Severity, VerifyReport, WitnessReport } from '@tachograph/archive';
import { printable } from '../text-table.ts';

const order: readonly Severity[] = ['tampered', 'missing', 'incomplete', 'note'];

/** The report as people read it: verdict first, then what was looked at, then every finding, the gravest first. */
export function formatReport(report: VerifyReport, findings: readonly Finding[]): string {
  const { counts, log, checkpoint } = report;
  const covered = checkpoint === undefined ? 'no checkpoint' : `checkpoint at ${checkpoint.size}`;
  const chosen = report.selection === undefined ? '' : `  (${selectionText(report)})`;
  return [
    `${report.text}\n`,
    `\n  log       ${checkpoint?.origin ?? '-'}  ${log.size} leaves, ${covered}, root ${log.root.slice(0, 16)}…\n`,
    `  archive   ${counts.streams} streams, ${counts.segments} segments, ${counts.records} records, ` +
      `${counts.sessions} sessions, ${counts.blobs} blobs${chosen}\n`,
    ...report.witnesses.map(witnessText),
    `  coverage  ${report.coverage}\n`,
    `  findings  ${countsText(report)}\n`,
    ...order.flatMap((severity) => findings.filter((finding) => finding.severity === severity).map(findingText)),
    remainderText(report, findings.length),
  ].join('');
}

function witnessText({ witness, keyName, size, at }: WitnessReport): string {
  const signed = size === undefined ? 'has cosigned nothing here' : `cosigned up to log size ${size}, at ${at ?? '?'}`;
  return `  witness   ${printable(witness)} (${printable(keyName)}) ${signed}\n`;
}

function selectionText({ selection, counts }: VerifyReport): string {
  const rest = counts.segmentsNotSelected > 0 ? `, ${counts.segmentsNotSelected} segments of the log not pulled` : '';
  return `pulled: ${selection?.kind ?? 'all'}${rest}`;
}

function countsText({ findings }: VerifyReport): string {
  const named = order.filter((severity) => findings[severity] > 0);
  return named.length === 0 ? 'none' : named.map((severity) => `${findings[severity]} ${severity}`).join(', ');
}

function findingText({ severity, kind, object, line, reason }: Finding): string {
  const place = line === undefined ? printable(object) : `${printable(object)} line ${line}`;
  return `\n${severity.toUpperCase()} ${kind}\n  ${place}\n  ${printable(reason)}\n`;
}

function remainderText({ findings }: VerifyReport, shown: number): string {
  const all = order.reduce((sum, severity) => sum + findings[severity], 0);
  return all > shown ? `\n… and ${all - shown} more findings\n` : '';
}
