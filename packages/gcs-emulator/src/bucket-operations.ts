import { applyBucketPatch } from './bucket-settings.ts';
import { EmulatorError } from './emulator-error.ts';
import type { Fields } from './json-fields.ts';
import type { OperationContext } from './object-operations.ts';
import { type Preconditions, checkPreconditions } from './preconditions.ts';
import type { BucketRecord } from './resources.ts';

const defaultSoftDeleteSeconds = '604800';

/** Creates a bucket from a client's resource; object retention can only be enabled here, as in the JSON API. */
export function insertBucket(context: OperationContext, resource: Fields, objectRetention: boolean): BucketRecord {
  const { state, caller } = context;
  caller.require('storage.buckets.create');
  if (objectRetention) caller.require('storage.buckets.enableObjectRetention');
  const name = resource['name'];
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name)) {
    throw new EmulatorError('invalid', `Invalid bucket name: '${String(name)}'`);
  }
  if (state.findBucket(name) !== undefined) {
    const message = 'Your previous request to create the named bucket succeeded and you already own it.';
    throw new EmulatorError('conflict', message);
  }
  const now = state.clock.nowIso();
  const fresh: BucketRecord = {
    name,
    metageneration: 1,
    timeCreated: now,
    updated: now,
    location: typeof resource['location'] === 'string' ? resource['location'].toUpperCase() : 'US',
    storageClass: typeof resource['storageClass'] === 'string' ? resource['storageClass'] : 'STANDARD',
    iamConfiguration: { uniformBucketLevelAccess: { enabled: false }, publicAccessPrevention: 'inherited' },
    softDeletePolicy: { retentionDurationSeconds: defaultSoftDeleteSeconds, effectiveTime: now },
    ...(objectRetention ? { objectRetention: { mode: 'Enabled' } } : {}),
  };
  return state.addBucket(applyBucketPatch(fresh, resource, now)).record;
}

/** Reads a bucket's resource. */
export function readBucket(context: OperationContext, name: string, preconditions: Preconditions): BucketRecord {
  context.caller.require('storage.buckets.get', name);
  const { record } = context.state.bucket(name);
  checkPreconditions(preconditions, { generation: 0, metageneration: record.metageneration }, 'read');
  return record;
}

/** Lists buckets by name. */
export function listBuckets(context: OperationContext, prefix: string): BucketRecord[] {
  context.caller.require('storage.buckets.list');
  return context.state
    .bucketNames()
    .filter((name) => name.startsWith(prefix))
    .map((name) => context.state.bucket(name).record);
}

/** Changes settings. */
export function patchBucket(
  context: OperationContext,
  name: string,
  preconditions: Preconditions,
  patch: Fields,
): BucketRecord {
  const { state, caller } = context;
  caller.require('storage.buckets.update', name);
  const bucket = state.bucket(name);
  checkPreconditions(preconditions, { generation: 0, metageneration: bucket.record.metageneration }, 'write');
  const now = state.clock.nowIso();
  const changed = applyBucketPatch(bucket.record, patch, now);
  bucket.saveRecord({ ...changed, metageneration: bucket.record.metageneration + 1, updated: now });
  return bucket.record;
}

/** Locks the retention policy, for ever; the metageneration proves that the caller has seen what it locks. */
export function lockRetentionPolicy(
  context: OperationContext,
  name: string,
  preconditions: Preconditions,
): BucketRecord {
  const { state, caller } = context;
  caller.require('storage.buckets.update', name);
  const bucket = state.bucket(name);
  if (preconditions.ifMetagenerationMatch === undefined) {
    throw new EmulatorError('required', 'Required parameter: ifMetagenerationMatch', {
      location: 'ifMetagenerationMatch',
    });
  }
  checkPreconditions(preconditions, { generation: 0, metageneration: bucket.record.metageneration }, 'write');
  const policy = bucket.record.retentionPolicy;
  if (policy === undefined) {
    throw new EmulatorError('invalid', `Bucket '${name}' does not have an unlocked Retention Policy.`);
  }
  if (policy.isLocked === true) return bucket.record;
  const metageneration = bucket.record.metageneration + 1;
  const retentionPolicy = { ...policy, isLocked: true };
  bucket.saveRecord({ ...bucket.record, retentionPolicy, metageneration, updated: state.clock.nowIso() });
  return bucket.record;
}

/** Deletes an empty bucket; noncurrent versions count as content. */
export function deleteBucket(context: OperationContext, name: string, preconditions: Preconditions): void {
  const { state, caller } = context;
  caller.require('storage.buckets.delete', name);
  const bucket = state.bucket(name);
  checkPreconditions(preconditions, { generation: 0, metageneration: bucket.record.metageneration }, 'write');
  if (!bucket.isEmpty) throw new EmulatorError('conflict', 'The bucket you tried to delete is not empty.');
  state.removeBucket(name);
}
