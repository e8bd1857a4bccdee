/** Calls that waited for people, and how that ended. */
import type { StoredRecord } from '@tachograph/protocol';
import { serverName } from './call-log.ts';
import type { Row, TableDraft, TableKind } from './evidence-table.ts';
import type { EvidenceReader, PlacedRecord } from './walk-archive.ts';

export const approvalRecords: TableKind = {
  name: 'approvals',
  title: 'Approval records',
  about:
    'Calls that a policy held for people: one row for each end (hold.decision) that lies in the period, and one for each that was still open. An empty "opened" lies before the period.',
  columns: [
    'decided',
    'opened',
    'approval',
    'state',
    'runs',
    'caller',
    'caller_issuer',
    'server',
    'tool',
    'policy',
    'rule',
    'needed',
    'approvers',
    'expires',
    'decisions',
    'why',
    'digest',
    'masked_values',
    'log_index',
    'object',
    'line',
  ],
};

/** `counts`: rows by state. */
export interface ApprovalRecords extends EvidenceReader {
  readonly counts: ReadonlyMap<string, number>;
}

export function createApprovalRecords(table: TableDraft): ApprovalRecords {
  const open = new Map<string, Row>();
  const counts = new Map<string, number>();
  const add = (row: Row): void => {
    const state = String(row['state']);
    counts.set(state, (counts.get(state) ?? 0) + 1);
    table.add(row);
  };
  return {
    counts,
    takeRecord(placed) {
      const { kind, detail = {} } = placed.record;
      const approval = textOf(detail['approval']);
      if (kind === 'hold.open') open.set(approval, { ...openRow(placed), ...open.get(approval) });
      if (kind !== 'hold.decision') return;
      add({ ...callRow(placed), ...open.get(approval), ...decisionRow(placed) });
      open.delete(approval);
    },
    finish() {
      for (const row of open.values()) add(row);
    },
  };
}

function callRow({ record, server, index, object, line }: PlacedRecord): Row {
  const { principal, decision, detail = {} } = record;
  return {
    approval: textOf(detail['approval']),
    digest: textOf(detail['digest']),
    caller: principal?.sub,
    caller_issuer: principal?.iss,
    server: serverName(server),
    tool: record.gen_ai_tool_name ?? record.mcp_method_name,
    policy: decision?.policy,
    rule: decision?.rule,
    log_index: index,
    object,
    line,
  };
}

function openRow(placed: PlacedRecord): Row {
  const { time, detail = {} } = placed.record;
  const { count, masked_values: masked } = detail;
  return {
    ...callRow(placed),
    opened: isoOf(time),
    decided: '',
    state: 'open',
    needed: typeof count === 'number' ? count : '',
    approvers: JSON.stringify(detail['approvers'] ?? ''),
    expires: textOf(detail['expires_at']),
    masked_values: typeof masked === 'number' || typeof masked === 'boolean' ? masked : '',
  };
}

function decisionRow({ record, index, object, line }: PlacedRecord): Row {
  const { time, detail = {} } = record;
  return {
    decided: isoOf(time),
    state: textOf(detail['state']),
    runs: detail['runs'] === true,
    decisions: decisionsOf(record),
    why: textOf(detail['why']),
    log_index: index,
    object,
    line,
  };
}

/** Who said what, when and why. */
function decisionsOf({ detail = {} }: StoredRecord): string {
  const { decisions } = detail;
  return Array.isArray(decisions) && decisions.length > 0 ? JSON.stringify(decisions) : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isoOf(time: string): string {
  return new Date(Date.parse(time)).toISOString();
}
