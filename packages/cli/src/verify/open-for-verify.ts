/** What `tacho verify` is given: a bucket, or a directory. */
import { stat } from 'node:fs/promises';
import type { ArchiveSource } from '@tachograph/archive';
import { endpointOf, openArchive, toArchiveSource } from '../archive/open-archive.ts';
import { parseStoreUrl } from '@tachograph/store';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';

/** An archive as the verifier reads it. */
export interface VerifiedArchive {
  readonly source: ArchiveSource;
  readonly address: string;
  readonly apiEndpoint: string | undefined;
  /** A thread can open it by its address. */
  readonly shareable: boolean;
}

/** Opens the archive; nothing is read yet. */
export async function openForVerify(
  context: CliContext,
  address: string,
  endpoint: string | undefined,
): Promise<VerifiedArchive> {
  const archive = openArchive(context, { bucket: address, ...(endpoint === undefined ? {} : { endpoint }) });
  if (!archive.isBucket) await requireDirectory(address);
  const apiEndpoint = endpointOf(context, endpoint);
  return { source: toArchiveSource(archive), address, apiEndpoint, shareable: true };
}

/** A store makes its directory when it writes; a verifier must not take nothing for an empty archive. */
async function requireDirectory(address: string): Promise<void> {
  const location = parseStoreUrl(address);
  const found = location.kind === 'directory' ? await stat(location.path).catch(() => undefined) : undefined;
  if (found === undefined) throw new CliError('not_found', `there is no ${address}`);
  if (!found.isDirectory()) throw new CliError('not_found', `${address} is no directory`);
}
