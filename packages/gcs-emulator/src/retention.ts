import { EmulatorError } from './emulator-error.ts';
import type { BucketRecord, ObjectVersion, RetentionPolicy } from './resources.ts';

/**
 * When retention ends: the later of the bucket policy and the object's own retention. The policy counts from
 * creation, or from the release of an event-based hold; under such a hold there is no date yet.
 */
export function retentionExpiresMs(version: ObjectVersion, policy: RetentionPolicy | undefined): number | undefined {
  const ends: number[] = [];
  if (policy !== undefined && version.eventBasedHold !== true) {
    const fromMs = Date.parse(version.holdReleasedTime ?? version.timeCreated);
    ends.push(fromMs + Number(policy.retentionPeriod) * 1000);
  }
  if (version.retention !== undefined) ends.push(Date.parse(version.retention.retainUntilTime));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** Whether a hold is on this generation. */
export function isHeld(version: ObjectVersion): boolean {
  return version.temporaryHold === true || version.eventBasedHold === true;
}

/** Whether the bytes of this generation must not be lost yet. */
export function isRetained(bucket: BucketRecord, version: ObjectVersion, nowMs: number): boolean {
  const expiresMs = retentionExpiresMs(version, bucket.retentionPolicy);
  return expiresMs !== undefined && expiresMs > nowMs;
}

/** Throws when a hold forbids that this generation is deleted, replaced or made noncurrent. */
export function refuseHeld(bucket: BucketRecord, version: ObjectVersion): void {
  const kind = version.temporaryHold === true ? 'Temporary' : version.eventBasedHold === true ? 'Event-Based' : '';
  if (kind === '') return;
  throw new EmulatorError(
    'objectUnderActiveHold',
    `Object '${bucket.name}/${version.name}' is under active ${kind} hold and cannot be deleted, overwritten or archived until hold is removed.`,
  );
}

/** Throws when retention forbids that the bytes of this generation are lost. */
export function refuseRetained(bucket: BucketRecord, version: ObjectVersion, nowMs: number): void {
  const expiresMs = retentionExpiresMs(version, bucket.retentionPolicy);
  if (expiresMs === undefined || expiresMs <= nowMs) return;
  throw new EmulatorError(
    'retentionPolicyNotMet',
    `Object '${bucket.name}/${version.name}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${new Date(expiresMs).toISOString()}`,
  );
}
