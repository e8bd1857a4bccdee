import type { BucketState } from './bucket-state.ts';
import { EmulatorError } from './emulator-error.ts';
import type { EmulatorState } from './emulator-state.ts';
import type { Caller } from './iam.ts';
import { applyMetadataPatch, type MetadataPatch } from './object-metadata.ts';
import { checkObjectRetention } from './object-retention.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import type { ReceivedBody } from './received-body.ts';
import { type BucketRecord, type ObjectVersion, type SoftDeletedVersion, liveVersion } from './resources.ts';
import { refuseHeld, refuseRetained } from './retention.ts';

/** Who asks, and the state that the answer comes from. */
export interface OperationContext {
  readonly state: EmulatorState;
  readonly caller: Caller;
}

/** One object, or one generation of it. */
export interface ObjectTarget {
  readonly bucket: string;
  readonly name: string;
  readonly generation?: number | undefined;
  readonly preconditions: Preconditions;
}

/** Throws 400 `invalid` for names that GCS does not take. */
function checkObjectName(name: string): void {
  const size = Buffer.byteLength(name);
  const reserved = name === '.' || name === '..' || name.startsWith('.well-known/acme-challenge/');
  if (size < 1 || size > 1024 || reserved || /[\r\n]/.test(name) || !name.isWellFormed()) {
    throw new EmulatorError('invalid', 'Invalid object name.', { location: 'name' });
  }
}

/**
 * The refusals that a creation can meet, in order: permission, preconditions, holds, retention. Called when an upload
 * begins, so that it fails early, and again at its commit, where it counts.
 */
export function checkInsert(context: OperationContext, target: ObjectTarget): void {
  const { state, caller } = context;
  caller.require('storage.objects.create', target.bucket, target.name);
  checkObjectName(target.name);
  const bucket = state.bucket(target.bucket);
  const live = liveVersion(bucket.history(target.name));
  const requireDelete = (): void => {
    if (live !== undefined) caller.require('storage.objects.delete', target.bucket, target.name);
  };
  if (caller.overwriteCheck === 'permission-first') requireDelete();
  checkPreconditions(target.preconditions, live, 'write');
  requireDelete();
  if (live !== undefined) refuseReplacement(bucket, live, state.clock.nowMs());
}

/** Commits a received body as the new live generation; the one before becomes noncurrent, or goes. */
export function insertObject(
  context: OperationContext,
  target: ObjectTarget,
  body: ReceivedBody,
  patch: MetadataPatch,
): ObjectVersion {
  checkInsert(context, target);
  const { state, caller } = context;
  const bucket = state.bucket(target.bucket);
  if (patch.retention) caller.require('storage.objects.setRetention', target.bucket, target.name);
  const held = bucket.record.defaultEventBasedHold === true ? { eventBasedHold: true } : {};
  const metadata = applyMetadataPatch({ contentType: 'application/octet-stream', ...held }, patch);
  const nowMs = state.clock.nowMs();
  checkObjectRetention({ bucket: bucket.record, before: undefined, after: metadata, nowMs, override: false });
  const now = new Date(nowMs).toISOString();
  const version: ObjectVersion = {
    ...metadata,
    name: target.name,
    generation: state.nextGeneration(),
    metageneration: 1,
    size: body.size,
    md5Hash: body.md5Hash,
    crc32c: body.crc32c,
    storageClass: bucket.record.storageClass,
    timeCreated: now,
    updated: now,
    ...keyOf(bucket.record),
  };
  bucket.adoptContent(body.path, target.name, version.generation);
  const versions = [...versionsAfterRemoval(bucket, target.name, now), version];
  bucket.saveHistory({ name: target.name, versions }, nowMs);
  return version;
}

/** Finds a readable generation; 404, or 403 for callers that may not list and so must not learn what exists. */
function findObject(context: OperationContext, target: ObjectTarget, access: 'read' | 'write'): ObjectVersion {
  const history = context.state.bucket(target.bucket).history(target.name);
  const found =
    target.generation === undefined
      ? liveVersion(history)
      : history?.versions.find((version) => version.generation === target.generation);
  if (found === undefined && access === 'read') {
    context.caller.require('storage.objects.list', target.bucket, target.name);
  }
  if (found === undefined) throw new EmulatorError('notFound', `No such object: ${target.bucket}/${target.name}`);
  checkPreconditions(target.preconditions, found, access);
  return found;
}

/** Reads metadata, or says which content file to send. */
export function readObject(context: OperationContext, target: ObjectTarget): ObjectVersion {
  context.caller.require('storage.objects.get', target.bucket, target.name);
  return findObject(context, target, 'read');
}

/**
 * Without a generation the live version goes: noncurrent where versioning is on, for good otherwise. With one, that
 * generation goes for good, which retention may forbid.
 */
export function deleteObject(context: OperationContext, target: ObjectTarget): void {
  const { state, caller } = context;
  caller.require('storage.objects.delete', target.bucket, target.name);
  const bucket = state.bucket(target.bucket);
  const found = findObject(context, target, 'write');
  const versions = bucket.history(target.name)?.versions ?? [];
  if (target.generation === undefined) {
    refuseReplacement(bucket, found, state.clock.nowMs());
    const kept = versionsAfterRemoval(bucket, target.name, state.clock.nowIso());
    bucket.saveHistory({ name: target.name, versions: kept }, state.clock.nowMs());
    return;
  }
  refuseHeld(bucket.record, found);
  refuseRetained(bucket.record, found, state.clock.nowMs());
  const left = versions.filter((version) => version !== found);
  bucket.saveHistory({ name: target.name, versions: left }, state.clock.nowMs());
}

/** Changes metadata, which retention does not protect; holds and object retention follow their own rules. */
export function patchObject(
  context: OperationContext,
  target: ObjectTarget,
  patch: MetadataPatch,
  overrideAsked: boolean,
): ObjectVersion {
  const { state, caller } = context;
  caller.require('storage.objects.update', target.bucket, target.name);
  if (patch.retention !== undefined) caller.require('storage.objects.setRetention', target.bucket, target.name);
  if (overrideAsked) caller.require('storage.objects.overrideUnlockedRetention', target.bucket, target.name);
  const bucket = state.bucket(target.bucket);
  const found = findObject(context, target, 'write');
  const after = applyMetadataPatch(found, patch);
  const nowMs = state.clock.nowMs();
  checkObjectRetention({ bucket: bucket.record, before: found.retention, after, nowMs, override: overrideAsked });
  const now = new Date(nowMs).toISOString();
  const released = found.eventBasedHold === true && after.eventBasedHold !== true;
  const changed: ObjectVersion = {
    ...serverFields(found),
    ...after,
    ...(released ? { holdReleasedTime: now } : {}),
    metageneration: found.metageneration + 1,
    updated: now,
  };
  const versions = bucket.history(target.name)?.versions ?? [];
  const replaced = versions.map((version) => (version === found ? changed : version));
  bucket.saveHistory({ name: target.name, versions: replaced }, nowMs);
  return changed;
}

/** A soft-deleted generation; 404 unless it can still be restored. */
export function findSoftDeleted(context: OperationContext, target: ObjectTarget): SoftDeletedVersion {
  const history = context.state.bucket(target.bucket).history(target.name);
  const found = (history?.softDeleted ?? []).find(({ generation }) => generation === target.generation);
  const nowMs = context.state.clock.nowMs();
  if (found !== undefined && Date.parse(found.hardDeleteTime) > nowMs) return found;
  throw new EmulatorError('notFound', `No such soft-deleted object: ${target.bucket}/${target.name}`);
}

/** Makes a soft-deleted generation live again, under a new generation. */
export function restoreObject(context: OperationContext, target: ObjectTarget): ObjectVersion {
  const { state, caller } = context;
  caller.require('storage.objects.restore', target.bucket, target.name);
  caller.require('storage.objects.create', target.bucket, target.name);
  const bucket = state.bucket(target.bucket);
  const found = findSoftDeleted(context, target);
  const history = bucket.history(target.name) ?? { name: target.name, versions: [] };
  const live = liveVersion(history);
  checkPreconditions(target.preconditions, live, 'write');
  if (live !== undefined) refuseReplacement(bucket, live, state.clock.nowMs());
  const { softDeleteTime: _soft, hardDeleteTime: _hard, timeDeleted: _deleted, ...fields } = found;
  const now = state.clock.nowIso();
  const restored = { ...fields, generation: state.nextGeneration(), metageneration: 1, timeCreated: now, updated: now };
  bucket.restore(history, found, [...versionsAfterRemoval(bucket, target.name, now), restored]);
  return restored;
}

function keyOf({ encryption }: BucketRecord): { kmsKeyName?: string } {
  const name: unknown = encryption === undefined ? undefined : Reflect.get(encryption, 'defaultKmsKeyName');
  return typeof name === 'string' ? { kmsKeyName: `${name}/cryptoKeyVersions/1` } : {};
}

function refuseReplacement(bucket: BucketState, live: ObjectVersion, nowMs: number): void {
  refuseHeld(bucket.record, live);
  // Made noncurrent, the bytes survive, so retention does not object (GCS: Bucket Lock with Object Versioning).
  if (bucket.record.versioning?.enabled !== true) refuseRetained(bucket.record, live, nowMs);
}

function versionsAfterRemoval(bucket: BucketState, name: string, now: string): ObjectVersion[] {
  const versions = [...(bucket.history(name)?.versions ?? [])];
  const live = liveVersion(bucket.history(name));
  if (live === undefined) return versions;
  const older = versions.slice(0, -1);
  return bucket.record.versioning?.enabled === true ? [...older, { ...live, timeDeleted: now }] : older;
}

function serverFields(version: ObjectVersion): ObjectVersion {
  const {
    contentType: _1,
    contentEncoding: _2,
    contentDisposition: _3,
    contentLanguage: _4,
    cacheControl: _5,
    customTime: _6,
    metadata: _7,
    temporaryHold: _8,
    eventBasedHold: _9,
    retention: _10,
    ...fields
  } = version;
  return fields;
}
