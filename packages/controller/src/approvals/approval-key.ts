/** Keys of approval digests: without one, a digest of a masked argument would give the argument away to whoever guesses. */
import { createHmac, randomBytes } from 'node:crypto';
import { ControllerError } from '../controller-error.ts';
import { secretNames } from '../keys/secret-names.ts';
import { loadOrCreate } from '../keys/signing-key.ts';
import type { Secrets } from '../ports.ts';

/** Base64 of a workload's own key, derived from the installation's: no sidecar can test digests of another workload. */
export type ApprovalKeys = (workloadUri: string) => string;

/** The installation's key is made once, and is the same for all replicas. */
export async function loadApprovalKeys(secrets: Secrets): Promise<ApprovalKeys> {
  const data = await loadOrCreate(secrets, secretNames.approvalKey, () => ({
    key: randomBytes(32).toString('base64'),
  }));
  const key = Buffer.from(data['key'] ?? '', 'base64');
  if (key.length !== 32)
    throw new ControllerError('internal', `secret ${secretNames.approvalKey} has no key of 32 bytes`);
  return (uri) => createHmac('sha256', key).update(`tachograph/approval-key/v1\n${uri}`).digest('base64');
}
