import type { RecordDraft } from '@tachograph/protocol';
import type { RecoveredStream } from './recovered-stream.ts';

/** Requests and sessions that one record names. */
const perRecord = 500;

/**
 * `stream.resume`: how an earlier stream ended that did not close itself. Each request without a terminal record has the
 * outcome `unknown`. A session belongs to one stream, so the open ones are not closed here: they are named with what
 * had been recorded of them, and the sequencer writes their manifests with `closed: "lost"`.
 */
export function toResumeDrafts(old: RecoveredStream): RecordDraft[] {
  const parts = Math.max(1, Math.ceil(Math.max(old.requests.length, old.sessions.length) / perRecord));
  return Array.from({ length: parts }, (_, part): RecordDraft => {
    const from = part * perRecord;
    const requests = old.requests.slice(from, from + perRecord);
    const detail = {
      previous_stream: old.stream,
      previous_seq: old.end?.seq ?? -1,
      previous_hash: old.end?.hash ?? null,
      unsigned_tail: old.unsignedTail,
      torn_bytes: old.tornBytes,
      damaged_bytes: old.damagedBytes,
      state_known: old.stateKnown,
      unsignable: old.unsignable,
      part: part + 1,
      parts,
      unknown: requests,
      open_sessions: old.sessions.slice(from, from + perRecord),
    };
    return { kind: 'stream.resume', ...(requests.length > 0 ? { outcome: 'unknown' } : {}), detail };
  });
}
