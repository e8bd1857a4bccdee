/** What `tacho verify` is given: a bucket, or a directory. */
import type { ArchiveSource } from '@tachograph/archive';
import { endpointOf, openArchive, toArchiveSource } from '../archive/open-archive.ts';
import type { CliContext } from '../cli-context.ts';

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
  const apiEndpoint = endpointOf(context, endpoint);
  return await Promise.resolve({ source: toArchiveSource(archive), address, apiEndpoint, shareable: true });
}
