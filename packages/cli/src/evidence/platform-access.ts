/** Where the rights of cluster and bucket are read: files that `kubectl` and `gcloud` printed, or the things themselves. */
import { readFile } from 'node:fs/promises';
import { isJsonObject, parseJson } from '@tachograph/protocol';
import { parseStoreUrl, readBucketGrants, toBucketGrants } from '@tachograph/store';
import { CliError } from '../cli-error.ts';
import type { BucketAccess } from './bucket-rights.ts';
import type { ClusterAccess } from './cluster-rights.ts';

/** What `kubectl get clusterroles,roles,clusterrolebindings,rolebindings -A -o json` printed. Throws `usage`. */
export async function readClusterAccess(file: string, system: string): Promise<ClusterAccess> {
  const value = parseJson(await readText(file));
  const items = isJsonObject(value) ? value['items'] : undefined;
  if (!Array.isArray(items)) throw new CliError('usage', `${file}: expected a List, as kubectl get -o json prints it`);
  return { objects: items.filter(isJsonObject), system };
}

/** What `gcloud storage buckets get-iam-policy gs://… --format=json` printed. Throws `usage`. */
export async function readBucketAccess(file: string, address: string): Promise<BucketAccess> {
  const value = parseJson(await readText(file));
  if (!isJsonObject(value) || !Array.isArray(value['bindings'])) {
    throw new CliError('usage', `${file}: expected an IAM policy with its bindings, in JSON`);
  }
  const location = parseStoreUrl(address);
  return { bucket: location.kind === 'gcs' ? location.bucket : 'archive', grants: toBucketGrants(value) };
}

/** Asks the bucket; `undefined` for a directory. */
export async function askBucketAccess(
  address: string,
  connection: { readonly apiEndpoint?: string },
): Promise<BucketAccess | undefined> {
  const location = parseStoreUrl(address);
  if (location.kind !== 'gcs') return undefined;
  return { bucket: location.bucket, grants: await readBucketGrants(location.bucket, connection) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}
