/** What masking hid, how the archive is locked, what verification found, what was purged. */
import type { Finding, VerifyReport } from '@tachograph/archive';
import type { RecordedMask } from '@tachograph/protocol';
import { serverName } from './call-log.ts';
import type { TableDraft, TableKind } from './evidence-table.ts';
import type { FoundSetting } from './lock-state.ts';
import type { EvidenceReader, TimedLeaf } from './walk-archive.ts';

export const dataProtection: TableKind = {
  name: 'data-protection',
  title: 'Data protection',
  about:
    'Sections: "verification" is the report on the whole archive that this export rests on, "finding" each of its findings that is no mere note, "lock" the settings of the bucket as found, "purge" what was deleted after its retention, "erasure" what can no longer be read because its key was destroyed, "masking" hits by rule and server, "passed masking" what clients got unmasked, "not inspected" what could not be looked into.',
  columns: ['section', 'item', 'server', 'value', 'count', 'detail', 'object', 'line'],
};

/** Totals of the period. */
export interface DataProtectionTotals {
  maskHits: number;
  maskedMessages: number;
  notInspected: number;
  purges: number;
  erasures: number;
  findings: number;
}

export interface DataProtection extends EvidenceReader {
  readonly totals: Readonly<DataProtectionTotals>;
  /** `findings`: those that the report lists; where there are more, a row says how many. */
  addReport(report: VerifyReport, findings: readonly Finding[]): void;
  addLockState(settings: readonly FoundSetting[]): void;
}

interface Tally {
  readonly section: string;
  readonly item: string;
  readonly server: string;
  readonly value: string;
  count: number;
}

export function createDataProtection(table: TableDraft): DataProtection {
  const totals: DataProtectionTotals = {
    maskHits: 0,
    maskedMessages: 0,
    notInspected: 0,
    purges: 0,
    erasures: 0,
    findings: 0,
  };
  const tallies = new Map<string, Tally>();
  const tally = (one: Omit<Tally, 'count'>, count: number): void => {
    const key = JSON.stringify(Object.values(one));
    const known = tallies.get(key);
    if (known === undefined) tallies.set(key, { ...one, count });
    else known.count += count;
  };
  return {
    totals,
    addReport(report, findings) {
      addReport(table, report);
      totals.findings = addFindings(table, report, findings);
    },
    addLockState(settings) {
      for (const { setting, got, want, ok, source } of settings) {
        const judged = ok === undefined ? source : `${source}; wanted ${want}: ${ok ? 'ok' : 'WRONG'}`;
        table.add({ section: 'lock', item: setting, value: got, detail: judged });
      }
      if (settings.length === 0)
        table.add({ section: 'lock', item: 'bucket', value: 'not looked at', detail: 'give --bucket-check' });
    },
    takeLeaf(placed) {
      if (!placed.isWithin) return;
      totals.purges += addPurge(table, placed);
      totals.erasures += addErasure(table, placed);
    },
    takeRecord({ record, server }) {
      if (record.mask !== undefined) takeMask(totals, tally, record.mask, serverName(server));
    },
    finish() {
      for (const one of tallies.values()) table.add({ ...one });
    },
  };
}

type AddTally = (one: Omit<Tally, 'count'>, count: number) => void;

function takeMask(totals: DataProtectionTotals, tally: AddTally, mask: RecordedMask, server: string): void {
  totals.maskHits += mask.hits;
  if (mask.hits > 0) totals.maskedMessages += 1;
  for (const { rule, transform, count } of mask.spans ?? []) {
    tally({ section: 'masking', item: rule, server, value: transform }, count);
  }
  for (const { rule, transform, count } of mask.client_saw ?? []) {
    tally({ section: 'passed masking', item: rule, server, value: transform }, count);
  }
  const uninspected = (mask.uninspected ?? 0) + (mask.inspected === false ? 1 : 0);
  totals.notInspected += uninspected;
  if (uninspected > 0) {
    const item = mask.inspected === false ? 'message' : 'part of a message';
    tally({ section: 'not inspected', item, server, value: 'passed' }, uninspected);
  }
}

function addReport(
  table: TableDraft,
  { text, verdict, anchor, log, checkpoint, counts, findings }: VerifyReport,
): void {
  const add = (item: string, value: string | number, detail = ''): void =>
    table.add({ section: 'verification', item, value, detail });
  add('verdict', verdict, text);
  add('anchor', anchor.kind, anchor.kind === 'none' ? '' : `log size ${anchor.size}`);
  add('log', log.size, `root ${log.root}`);
  if (checkpoint !== undefined) add('checkpoint', checkpoint.size, `root ${checkpoint.root} of ${checkpoint.origin}`);
  for (const [name, count] of Object.entries(counts)) if (typeof count === 'number') add(name, count);
  for (const [severity, count] of Object.entries(findings)) add(`findings: ${severity}`, count);
}

/** Notes are no defects: they are counted above and not listed. Answers how many there are of the others. */
function addFindings(table: TableDraft, report: VerifyReport, findings: readonly Finding[]): number {
  const listed = findings.filter(({ severity }) => severity !== 'note');
  for (const { severity, kind, object, line, reason } of listed) {
    table.add({ section: 'finding', item: kind, value: severity, count: 1, detail: reason, object, line });
  }
  const { tampered, missing, incomplete } = report.findings;
  const more = tampered + missing + incomplete - listed.length;
  if (more > 0) table.add({ section: 'finding', item: 'not listed', count: more, detail: 'see tacho verify' });
  return tampered + missing + incomplete;
}

/** How many objects the leaf tells of: it was written before they were deleted. */
function addPurge(table: TableDraft, { leaf, time, object, line }: TimedLeaf): number {
  if (leaf.type !== 'purge') return 0;
  const { purge, objects, before, reason = 'lifecycle' } = leaf;
  const detail = `retention over before ${before}; ${reason}; stated at ${time} before the deletion`;
  table.add({ section: 'purge', item: purge, value: 'objects', count: objects.length, detail, object, line });
  return objects.length;
}

/** A key that bodies were encrypted under: what only it could open is gone, although the bytes are there. */
function addErasure(table: TableDraft, { leaf, object, line }: TimedLeaf): number {
  if (leaf.type !== 'key.destroyed') return 0;
  const { keyId, session, by, reason } = leaf;
  const people = by.map(({ iss, sub }) => `${sub} (${iss})`).join(' and ');
  const item = session ?? keyId ?? '';
  table.add({
    section: 'erasure',
    item,
    value: 'key destroyed',
    count: 1,
    detail: `${people}: ${reason}`,
    object,
    line,
  });
  return 1;
}
