/** `tampered`: evidence was altered or withheld. `incomplete`: a stated gap. `missing`: this copy lacks it. `note`: no defect. */
export type Severity = 'tampered' | 'incomplete' | 'missing' | 'note';

/** Every kind of finding, and how grave it is. Published in `archive-format.md`. */
export const findingSeverity = {
  'checkpoint.invalid': 'tampered',
  'checkpoint.root': 'tampered',
  'checkpoint.pinned': 'tampered',
  'checkpoint.remembered': 'tampered',
  'checkpoint.cosignature': 'tampered',
  'batch.invalid': 'tampered',
  'batch.fork': 'tampered',
  'batch.gone': 'tampered',
  'object.bytes': 'tampered',
  'object.gone': 'tampered',
  'object.unlogged': 'tampered',
  'object.noncurrent': 'tampered',
  'segment.lines': 'tampered',
  'segment.leaf': 'tampered',
  'chain.gap': 'tampered',
  'chain.broken': 'tampered',
  'chain.fork': 'tampered',
  'stream.unopened': 'tampered',
  'stream.key': 'tampered',
  'stream.short': 'tampered',
  'head.mismatch': 'tampered',
  'session.close': 'tampered',
  'session.manifest': 'tampered',
  'period.mismatch': 'tampered',
  'key.object': 'tampered',
  'key.rotation': 'tampered',
  'leaf.malformed': 'tampered',
  'purge.held': 'tampered',
  'audit.unrecorded': 'tampered',
  'audit.invented': 'tampered',
  'log.misbehaviour': 'tampered',
  'proof.invalid': 'tampered',
  'log.missing': 'missing',
  'batch.missing': 'missing',
  'object.missing': 'missing',
  'export.malformed': 'missing',
  'proof.missing': 'missing',
  'format.newer': 'missing',
  'witness.missing': 'missing',
  'audit.unread': 'missing',
  'checkpoint.none': 'incomplete',
  'checkpoint.unwitnessed': 'incomplete',
  'object.unfinished': 'incomplete',
  'object.conflict': 'incomplete',
  'object.purged': 'incomplete',
  'stream.lost': 'incomplete',
  'stream.unterminated': 'incomplete',
  'stream.unsigned_tail': 'incomplete',
  'stream.conflict': 'incomplete',
  'record.gap': 'incomplete',
  'record.unknown': 'incomplete',
  'record.step_off': 'incomplete',
  'period.gap': 'incomplete',
  'coverage.gap': 'incomplete',
  'pod.unrecorded': 'incomplete',
  'hold.partial': 'incomplete',
  'log.time': 'incomplete',
  'pod.unlabelled': 'note',
  'pod.rejected': 'note',
  'pod.starting': 'note',
  'stream.open': 'note',
  'stream.resumed': 'note',
  'session.extra_manifest': 'note',
  'session.no_manifest': 'note',
  'log.uncovered': 'note',
  'log.future': 'note',
  'hold.unknown': 'note',
  'key.destroyed': 'note',
  'audit.outside': 'note',
  'batch.skipped': 'note',
  'leaf.unknown': 'note',
  'blob.unreferenced': 'note',
  'object.foreign': 'note',
} as const satisfies Readonly<Record<string, Severity>>;

/** A key of `findingSeverity`. Stable: scripts may match it. */
export type FindingKind = keyof typeof findingSeverity;

/** Where a finding is. `line` is 1-based. */
export interface Place {
  readonly object: string;
  readonly line?: number;
}

/** One thing that the verifier has to say. `reason` never holds recorded content. */
export interface Finding extends Place {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly reason: string;
}
