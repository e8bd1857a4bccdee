/** Step 11: records that state a loss are findings, each with its line. */
import type { RecordKind, StoredRecord } from '@tachograph/protocol';
import { fieldsOf } from '../json-object.ts';
import type { FindingKind, Place } from './finding.ts';
import { report, type Verification } from './verification.ts';

const remarkable: Partial<Record<RecordKind, FindingKind>> = {
  gap: 'record.gap',
  'config.step_off': 'record.step_off',
  'log.misbehaviour': 'log.misbehaviour',
};

const reasons: Partial<Record<RecordKind, string>> = {
  gap: 'the recorder states a gap',
  'config.step_off': 'a step of the recorder was switched off',
  'log.misbehaviour': 'the recorder holds a receipt that no checkpoint proves',
};

/** Reports what the record itself says about the recording. */
export function visitRecord(run: Verification, record: StoredRecord, place: Place): void {
  const kind = remarkable[record.kind];
  if (kind !== undefined) report(run, kind, place, `${reasons[record.kind] ?? record.kind}${causeOf(record)}`);
  if (record.kind === 'stream.resume' && record.outcome === 'unknown') {
    report(
      run,
      'record.unknown',
      place,
      'requests of the stream before have no recorded end: their outcome is unknown',
    );
  }
}

/** Where a `stream.resume` record says that an earlier stream ends; `undefined` when it knows no end. */
export function resumeOf(
  record: StoredRecord,
): { readonly stream: string; readonly seq: number; readonly hash: string } | undefined {
  const detail = fieldsOf(record.detail);
  const [stream, seq, hash] = ['previous_stream', 'previous_seq', 'previous_hash'].map((name) => detail.get(name));
  if (typeof stream !== 'string' || typeof seq !== 'number' || typeof hash !== 'string') return undefined;
  return { stream, seq, hash };
}

/** Only a short word of ours: a verifier's report never carries recorded content. */
function causeOf(record: StoredRecord): string {
  const detail = fieldsOf(record.detail);
  const cause = detail.get('cause') ?? detail.get('step');
  return typeof cause === 'string' && /^[a-z0-9_.-]{1,64}$/.test(cause) ? ` (${cause})` : '';
}
