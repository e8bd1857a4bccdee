import type { BucketMetadata } from '@google-cloud/storage';
import { createClient, defaultTimeoutMs, type GcsConnection } from './gcs-connection.ts';
import { toStoreError } from './gcs-failure.ts';
import { parseStoreUrl } from './open-store.ts';
import { withTimeout } from './timeout.ts';

/**
 * Settings of a bucket by which a deleted object lives on, in words; empty: what is deleted is gone. A directory keeps
 * nothing. Rejects with `StoreError`, also where the credentials may not read the bucket's settings.
 */
export async function outlivingSettings(url: string, connection: GcsConnection = {}): Promise<readonly string[]> {
  const location = parseStoreUrl(url);
  if (location.kind === 'directory') return [];
  try {
    const bucket = (await createClient(connection)).bucket(location.bucket);
    const [metadata] = await withTimeout(bucket.getMetadata(), connection.timeoutMs ?? defaultTimeoutMs);
    return settingsOf(metadata);
  } catch (error) {
    throw toStoreError(error, `read bucket ${location.bucket}`);
  }
}

function settingsOf({ versioning, softDeletePolicy, retentionPolicy }: BucketMetadata): readonly string[] {
  const set: readonly (readonly [string, boolean])[] = [
    ['versioning', versioning?.enabled === true],
    ['soft delete', Number(softDeletePolicy?.retentionDurationSeconds) > 0],
    ['a retention policy', Number(retentionPolicy?.retentionPeriod) > 0],
  ];
  return set.filter(([, isSet]) => isSet).map(([name]) => name);
}
