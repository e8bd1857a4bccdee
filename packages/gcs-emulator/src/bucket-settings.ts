import { EmulatorError } from './emulator-error.ts';
import { type Fields, parseFields } from './json-fields.ts';
import { checkLifecycle } from './lifecycle.ts';
import { type BucketRecord, type RetentionPolicy, isBucketRecord } from './resources.ts';

const keptFields = ['encryption', 'logging', 'autoclass', 'cors', 'website', 'billing'] as const;
const maxRetentionSeconds = 3_155_760_000;
const softDeleteSeconds = { least: 604_800, most: 7_776_000 };

/** Applies a bucket resource sent by a client; `null` removes a setting. Throws on what GCS refuses. */
export function applyBucketPatch(before: BucketRecord, patch: Fields, now: string): BucketRecord {
  const next: Record<string, unknown> = { ...before };
  set(next, patch, 'versioning', (value) => ({
    enabled: parseFlag(parseFields(value, 'bucket')['enabled'], 'versioning.enabled'),
  }));
  set(next, patch, 'defaultEventBasedHold', (value) => parseFlag(value, 'defaultEventBasedHold'));
  set(next, patch, 'labels', (value) => mergeLabels(before.labels, parseFields(value, 'bucket')));
  set(next, patch, 'iamConfiguration', (value) => mergeIam(before.iamConfiguration, parseFields(value, 'bucket'), now));
  set(next, patch, 'softDeletePolicy', (value) => parseSoftDelete(parseFields(value, 'bucket'), now));
  set(next, patch, 'lifecycle', checkLifecycle);
  for (const field of keptFields) set(next, patch, field, (value) => value);
  if (patch['retentionPolicy'] !== undefined) {
    next['retentionPolicy'] = changeRetention(before, patch['retentionPolicy'], now);
  }
  const changed: unknown = Object.fromEntries(Object.entries(next).filter(([, value]) => (value ?? null) !== null));
  if (isBucketRecord(changed)) return changed;
  throw new EmulatorError('internalError', 'bucket settings lost their name');
}

/** A locked policy may only grow; an unlocked one may do anything. */
function changeRetention(before: BucketRecord, value: unknown, now: string): RetentionPolicy | undefined {
  const current = before.retentionPolicy;
  const locked = current?.isLocked === true;
  if (value === null) {
    if (!locked) return undefined;
    throw new EmulatorError(
      'forbidden',
      `Bucket '${before.name}' has a locked Retention Policy which cannot be removed.`,
    );
  }
  const seconds = parsePeriod(parseFields(value, 'bucket')['retentionPeriod']);
  if (locked && seconds < Number(current.retentionPeriod)) {
    throw new EmulatorError(
      'forbidden',
      `Cannot reduce retention duration of a locked Retention Policy for bucket '${before.name}'.`,
    );
  }
  const effectiveTime = current?.effectiveTime ?? now;
  return { retentionPeriod: String(seconds), effectiveTime, ...(locked ? { isLocked: true } : {}) };
}

function parsePeriod(value: unknown): number {
  const seconds = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= maxRetentionSeconds) return seconds;
  throw new EmulatorError(
    'invalid',
    'Retention policy must have a retention period greater than 0 and less than 100 years.',
  );
}

function parseSoftDelete(value: Fields, now: string): object {
  const seconds = Number(value['retentionDurationSeconds']);
  const inRange = seconds >= softDeleteSeconds.least && seconds <= softDeleteSeconds.most;
  if (!Number.isSafeInteger(seconds) || (seconds !== 0 && !inRange)) {
    throw new EmulatorError('invalid', 'Soft delete policy must be 0 or between 7 and 90 days.');
  }
  return { retentionDurationSeconds: String(seconds), effectiveTime: now };
}

function mergeLabels(before: Readonly<Record<string, string>> | undefined, patch: Fields): object {
  return Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null));
}

function mergeIam(before: object | undefined, patch: Fields, now: string): object {
  const prevention = patch['publicAccessPrevention'];
  if (prevention !== undefined && prevention !== 'enforced' && prevention !== 'inherited') {
    throw new EmulatorError('invalid', 'Invalid value for: iamConfiguration.publicAccessPrevention');
  }
  const uniform = patch['uniformBucketLevelAccess'];
  if (uniform === undefined) return { ...before, ...patch };
  const enabled = parseFlag(
    parseFields(uniform, 'uniformBucketLevelAccess')['enabled'],
    'uniformBucketLevelAccess.enabled',
  );
  const lockedTime = new Date(Date.parse(now) + 90 * 86_400_000).toISOString();
  return { ...before, ...patch, uniformBucketLevelAccess: enabled ? { enabled, lockedTime } : { enabled } };
}

function set(next: Record<string, unknown>, patch: Fields, field: string, parse: (value: unknown) => unknown): void {
  const value = patch[field];
  if (value === undefined) return;
  next[field] = value === null ? undefined : parse(value);
}

function parseFlag(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new EmulatorError('invalid', `Invalid value for: ${field}`, { location: field });
}
