import type { WorkloadRef } from '@tachograph/protocol';
import { mountPath } from './auth-site.ts';

/** `iss` of a workload's tokens, on whatever origin they were got: ports and ingresses come and go. */
export function stableIssuer(workload: WorkloadRef): string {
  return `tachograph://${workload.cluster}${mountPath(workload)}`;
}
