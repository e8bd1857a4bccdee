import { EmulatorError } from './emulator-error.ts';
import type { BucketRecord, EditableMetadata, ObjectRetention } from './resources.ts';

const maxRetentionMs = 100 * 365.25 * 86_400_000;

/** What the rules on an object's own retention need to know. */
export interface RetentionChange {
  readonly bucket: BucketRecord;
  readonly before: ObjectRetention | undefined;
  readonly after: EditableMetadata;
  readonly nowMs: number;
  /** `overrideUnlockedRetention=true` was asked for, and its permission held. */
  readonly override: boolean;
}

/**
 * Throws unless the change is allowed: only where the bucket enables it, never beside an event-based hold, a Locked
 * one may only be extended, an Unlocked one is shortened or removed only with the override.
 */
export function checkObjectRetention(change: RetentionChange): void {
  const { bucket, before, after, nowMs } = change;
  const wanted = after.retention;
  if (wanted !== undefined && after.eventBasedHold === true) {
    throw new EmulatorError('invalid', 'An object cannot have both an event-based hold and a retention configuration.');
  }
  if (sameRetention(before, wanted)) return;
  if (wanted !== undefined) checkWanted(bucket, wanted, nowMs);
  if (before === undefined || !weakens(before, wanted)) return;
  if (before.mode === 'Locked') {
    throw new EmulatorError(
      'forbidden',
      `Object retention of mode Locked in bucket '${bucket.name}' cannot be reduced or removed.`,
    );
  }
  if (!change.override) {
    throw new EmulatorError(
      'forbidden',
      `Object retention in bucket '${bucket.name}' can be reduced or removed only with overrideUnlockedRetention.`,
    );
  }
}

function checkWanted(bucket: BucketRecord, wanted: ObjectRetention, nowMs: number): void {
  if (bucket.objectRetention?.mode !== 'Enabled') {
    throw new EmulatorError('invalid', `Object retention is not enabled for bucket '${bucket.name}'.`);
  }
  const untilMs = Date.parse(wanted.retainUntilTime);
  if (untilMs > nowMs && untilMs <= nowMs + maxRetentionMs) return;
  throw new EmulatorError('invalid', 'Object retention must end in the future and within 100 years.', {
    location: 'retention.retainUntilTime',
  });
}

function sameRetention(left: ObjectRetention | undefined, right: ObjectRetention | undefined): boolean {
  return left?.mode === right?.mode && left?.retainUntilTime === right?.retainUntilTime;
}

function weakens(before: ObjectRetention, after: ObjectRetention | undefined): boolean {
  if (after === undefined) return true;
  const shorter = Date.parse(after.retainUntilTime) < Date.parse(before.retainUntilTime);
  return shorter || (before.mode === 'Locked' && after.mode === 'Unlocked');
}
