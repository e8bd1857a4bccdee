import { isFields } from './json-fields.ts';
import { retentionExpiresMs } from './retention.ts';

/** A bucket as kept on disk: the JSON API resource without the computed links. */
export interface BucketRecord {
  readonly name: string;
  readonly metageneration: number;
  readonly timeCreated: string;
  readonly updated: string;
  readonly location: string;
  readonly storageClass: string;
  readonly versioning?: { readonly enabled: boolean };
  readonly retentionPolicy?: RetentionPolicy;
  readonly softDeletePolicy?: { readonly retentionDurationSeconds: string; readonly effectiveTime: string };
  readonly iamConfiguration?: object;
  readonly objectRetention?: { readonly mode: 'Enabled' };
  readonly defaultEventBasedHold?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly lifecycle?: object;
  readonly encryption?: object;
  readonly logging?: object;
  readonly autoclass?: object;
  readonly iamPolicy?: KeptIamPolicy;
}

/** A bucket's IAM policy as it was set; who may do what is decided by the emulator's own policy file. */
export interface KeptIamPolicy {
  readonly revision: number;
  readonly bindings: readonly {
    readonly role: string;
    readonly members: readonly string[];
    readonly condition?: Readonly<Record<string, unknown>>;
  }[];
}

export interface RetentionPolicy {
  /** Seconds, as decimal text. */
  readonly retentionPeriod: string;
  readonly effectiveTime: string;
  readonly isLocked?: boolean;
}

/** One object's own retention; the longer of this and the bucket's policy counts. */
export interface ObjectRetention {
  readonly mode: 'Unlocked' | 'Locked';
  readonly retainUntilTime: string;
}

/** The metadata fields that a client may set and change. */
export interface EditableMetadata {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  readonly customTime?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly temporaryHold?: boolean;
  readonly eventBasedHold?: boolean;
  readonly retention?: ObjectRetention;
}

/** One generation of one object. `timeDeleted` marks a noncurrent one. */
export interface ObjectVersion extends EditableMetadata {
  readonly name: string;
  /** Microseconds since the epoch, strictly rising in one emulator. */
  readonly generation: number;
  readonly metageneration: number;
  readonly size: number;
  readonly md5Hash: string;
  readonly crc32c: string;
  readonly storageClass: string;
  readonly timeCreated: string;
  readonly updated: string;
  readonly timeDeleted?: string;
  readonly kmsKeyName?: string;
  /** When the event-based hold was last released: the bucket's retention counts from here. */
  readonly holdReleasedTime?: string;
}

/** A generation that was deleted for good, and can be restored until `hardDeleteTime`. */
export interface SoftDeletedVersion extends ObjectVersion {
  readonly softDeleteTime: string;
  readonly hardDeleteTime: string;
}

/** All generations of one name, oldest first; at most the last is live. */
export interface ObjectHistory {
  readonly name: string;
  readonly versions: readonly ObjectVersion[];
  readonly softDeleted?: readonly SoftDeletedVersion[];
}

/** Recognises a bucket that an earlier run wrote. */
export function isBucketRecord(value: unknown): value is BucketRecord {
  return isFields(value) && typeof value['name'] === 'string' && typeof value['metageneration'] === 'number';
}

/** Recognises a history that an earlier run wrote. */
export function isObjectHistory(value: unknown): value is ObjectHistory {
  if (!isFields(value) || typeof value['name'] !== 'string' || !Array.isArray(value['versions'])) return false;
  return value['versions'].every((version) => isFields(version) && typeof version['generation'] === 'number');
}

/** The live generation, if there is one. */
export function liveVersion(history: ObjectHistory | undefined): ObjectVersion | undefined {
  const last = history?.versions.at(-1);
  return last?.timeDeleted === undefined ? last : undefined;
}

export function toEtag(generation: number, metageneration: number): string {
  return Buffer.from(`${generation}/${metageneration}`).toString('base64');
}

/** The bucket resource of the JSON API. */
export function toBucketResource(record: BucketRecord, baseUrl: string): object {
  const { iamPolicy: _shownElsewhere, ...bucket } = record;
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${baseUrl}/storage/v1/b/${bucket.name}`,
    projectNumber: '0',
    locationType: 'region',
    etag: toEtag(0, bucket.metageneration),
    ...bucket,
    metageneration: String(bucket.metageneration),
  };
}

/** The object resource of the JSON API; `retentionExpirationTime` is computed, never stored. */
export function toObjectResource(bucket: BucketRecord, version: ObjectVersion, baseUrl: string): object {
  const { holdReleasedTime: _internal, ...fields } = version;
  const path = `b/${bucket.name}/o/${encodeURIComponent(version.name)}`;
  const expiresMs = retentionExpiresMs(version, bucket.retentionPolicy);
  return {
    kind: 'storage#object',
    id: `${bucket.name}/${version.name}/${version.generation}`,
    selfLink: `${baseUrl}/storage/v1/${path}`,
    mediaLink: `${baseUrl}/download/storage/v1/${path}?generation=${version.generation}&alt=media`,
    bucket: bucket.name,
    ...fields,
    generation: String(version.generation),
    metageneration: String(version.metageneration),
    size: String(version.size),
    etag: toEtag(version.generation, version.metageneration),
    timeStorageClassUpdated: version.timeCreated,
    timeFinalized: version.timeCreated,
    ...(expiresMs === undefined ? {} : { retentionExpirationTime: new Date(expiresMs).toISOString() }),
  };
}
