/** What people and the installation did that an ordinary caller cannot do, and when recording began and ended. */
import { isJsonObject, type Leaf, type StoredRecord } from '@tachograph/protocol';
import { serverName } from './call-log.ts';
import type { Row, TableDraft, TableKind } from './evidence-table.ts';
import type { EvidenceReader, PlacedRecord, TimedLeaf } from './walk-archive.ts';

export const privilegedActions: TableKind = {
  name: 'privileged-actions',
  title: 'Privileged actions',
  about:
    'Changes of policies, masking, retention and keys; holds, purges, exports, replays and erasures; break-glass; starts and stops of recorders and steps that were switched off; callers who were refused for want of an identity; approvers who saw what masking hid. From leaves of the log and from records.',
  columns: [
    'time',
    'action',
    'by_issuer',
    'by_subject',
    'subject',
    'server',
    'reason',
    'detail',
    'source',
    'log_index',
    'object',
    'line',
  ],
};

/** `counts`: rows by action. */
export interface PrivilegedActions extends EvidenceReader {
  readonly counts: ReadonlyMap<string, number>;
}

export function createPrivilegedActions(table: TableDraft): PrivilegedActions {
  const counts = new Map<string, number>();
  const add = (action: string, row: Row): void => {
    counts.set(action, (counts.get(action) ?? 0) + 1);
    table.add({ ...row, action });
  };
  return {
    counts,
    takeLeaf(placed) {
      const said = placed.isWithin ? ofLeaf(placed.leaf) : undefined;
      if (said !== undefined) add(said.action, { ...placeOfLeaf(placed), ...said.row });
    },
    takeRecord(placed) {
      const said = ofRecord(placed.record);
      if (said !== undefined) add(said.action, { ...placeOfRecord(placed), ...said.row });
    },
  };
}

function placeOfLeaf({ time, server, index, object, line }: TimedLeaf): Row {
  const at = new Date(Date.parse(time)).toISOString();
  return { time: at, server: serverName(server), source: 'leaf', log_index: index, object, line };
}

function placeOfRecord({ record, server, index, object, line }: PlacedRecord): Row {
  const at = new Date(Date.parse(record.time)).toISOString();
  return { time: at, server: serverName(server), source: 'record', log_index: index, object, line };
}

interface Said {
  readonly action: string;
  readonly row: Row;
}

function ofLeaf(leaf: Leaf): Said | undefined {
  if (leaf.type === 'admin.action') {
    const { action, subject, reason, detail, by } = leaf;
    return { action, row: { ...byOf(by), subject, reason, detail: json(detail) } };
  }
  if (leaf.type === 'ledger.pin') {
    const subject = `${leaf.namespace}/${leaf.workload}`;
    return { action: leaf.type, row: { ...byOf(leaf.by), subject, detail: json({ ledger: leaf.ledger }) } };
  }
  if (leaf.type === 'key.log' || leaf.type === 'key.retired' || leaf.type === 'key.destroyed') return ofKey(leaf);
  return ofCustody(leaf) ?? ofRecorder(leaf) ?? ofFault(leaf);
}

function ofCustody(leaf: Leaf): Said | undefined {
  if (leaf.type === 'hold.placed') {
    const { hold, selection, objects, part, parts, by, reason } = leaf;
    const detail = json({ selection, objects: objects.length, part, parts });
    return { action: leaf.type, row: { ...byOf(by), reason, subject: hold, detail } };
  }
  if (leaf.type === 'hold.released') {
    return { action: leaf.type, row: { ...byOf(leaf.by), reason: leaf.reason, subject: leaf.hold } };
  }
  if (leaf.type === 'purge') {
    const { purge, objects, before, part, parts, by, reason } = leaf;
    const detail = json({ before, objects: objects.length, part, parts });
    return { action: leaf.type, row: { ...byOf(by), reason, subject: purge, detail } };
  }
  if (leaf.type !== 'export') return undefined;
  const { what, selection, checkpoint, counts, sha256, by, reason } = leaf;
  const detail = json({ what, selection, checkpoint: checkpoint.size, counts, sha256 });
  return { action: leaf.type, row: { ...byOf(by), reason, subject: leaf.export, detail } };
}

function ofKey(leaf: Extract<Leaf, { type: 'key.log' | 'key.retired' | 'key.destroyed' }>): Said {
  if (leaf.type !== 'key.destroyed') return { action: leaf.type, row: { subject: leaf.keyId } };
  const people = {
    by_issuer: leaf.by.map(({ iss }) => iss).join(' '),
    by_subject: leaf.by.map(({ sub }) => sub).join(' '),
  };
  return { action: leaf.type, row: { ...people, subject: leaf.keyId ?? leaf.session, reason: leaf.reason } };
}

/** That a recorder began, ended, or was lost. */
function ofRecorder(leaf: Leaf): Said | undefined {
  if (leaf.type === 'stream.open') {
    const { stream, pod, keyId } = leaf;
    return { action: 'recorder.started', row: { subject: stream, detail: json({ pod, keyId }) } };
  }
  if (leaf.type === 'stream.close') {
    return { action: 'recorder.stopped', row: { subject: leaf.stream, detail: json({ lastSeq: leaf.lastSeq }) } };
  }
  if (leaf.type !== 'stream.lost') return undefined;
  const { stream, reason, lastArchivedSeq, lastReportedSeq } = leaf;
  return {
    action: 'recorder.lost',
    row: { subject: stream, reason, detail: json({ lastArchivedSeq, lastReportedSeq }) },
  };
}

/** A second key for one start, a pod without a recorder, other bytes for a stored object. */
function ofFault(leaf: Leaf): Said | undefined {
  if (leaf.type === 'stream.conflict') {
    const { stream, pod, keyId, acceptedKeyId } = leaf;
    return { action: leaf.type, row: { subject: stream, detail: json({ pod, keyId, acceptedKeyId }) } };
  }
  if (leaf.type === 'coverage.gap') {
    return { action: leaf.type, row: { subject: `${leaf.namespace}/${leaf.pod}`, reason: leaf.reason } };
  }
  return leaf.type === 'conflict' ? { action: leaf.type, row: { subject: leaf.object } } : undefined;
}

/** Records that are privileged actions, or impair the recording. */
export const privilegedKinds: ReadonlySet<StoredRecord['kind']> = new Set([
  'config.step_off',
  'policy.applied',
  'stream.resume',
  'ledger.drift',
  'gap',
  'log.misbehaviour',
  'auth.refused',
  'hold.reveal',
]);

/** `stream.resume` repeats open sessions and requests, which is not for this table. */
const shown =
  /^(step|policy\.source|version|default|rules|masking|ledger|notAfter|previous_stream|previous_seq|unsigned_tail|others|from|to|section|name|change|on_drift|cause|refused|error)$/;

function ofRecord({ kind, detail = {}, outcome, bundle }: StoredRecord): Said | undefined {
  if (!privilegedKinds.has(kind)) return undefined;
  if (kind === 'hold.reveal') return { action: kind, row: revealOf(detail) };
  const small = Object.fromEntries(
    Object.entries(detail).filter(([name, value]) => shown.test(name) && typeof value !== 'object'),
  );
  const reason = typeof detail['cause'] === 'string' ? detail['cause'] : outcome;
  const counted = kind === 'auth.refused' ? { count: refusedIn(detail['refused']) } : {};
  return { action: kind, row: { subject: bundle, reason, detail: json({ ...counted, ...small }) } };
}

/** An approver saw what masking hid. */
function revealOf({ approval, reveal, by, reason }: NonNullable<StoredRecord['detail']>): Row {
  const { iss, subject } = isJsonObject(by) ? by : {};
  return {
    by_issuer: typeof iss === 'string' ? iss : '',
    by_subject: typeof subject === 'string' ? subject : '',
    subject: typeof approval === 'string' ? approval : '',
    reason: typeof reason === 'string' ? reason : '',
    detail: json({ reveal }),
  };
}

/** Calls without an acceptable identity, summed over sources and reasons; `others` are beside them. */
function refusedIn(rows: unknown): number {
  if (!Array.isArray(rows)) return 0;
  return rows.reduce((sum: number, row: unknown) => sum + (isJsonObject(row) ? Number(row['count']) || 0 : 0), 0);
}

function byOf(by: { readonly iss: string; readonly sub: string } | undefined): Row {
  return { by_issuer: by?.iss, by_subject: by?.sub };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
