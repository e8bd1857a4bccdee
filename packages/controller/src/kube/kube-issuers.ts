/** Accepted issuers in a cluster: those of the file, and the cluster's own for ServiceAccount tokens. */
import type { Kube } from '@tachograph/kube';
import { describeError } from '@tachograph/service';
import type { IssuerKeys, Issuers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { WorldOptions } from '../world.ts';

/** Rotation is rare, and the new key is published first; soon after a start, the API server may not have answered yet. */
const refreshMs = 15_000;

/** A ServiceAccount's token outlives its pod or a deleted account until it expires: the review finds out, the limit bounds it. */
const longestLifeSeconds = 3600;

/**
 * Adds the cluster's ServiceAccount issuer to `configured`. Its tokens are for workloads, and only with the workload's
 * URI as audience. Keys that cannot be read leave the last ones; without any the issuer is not accepted.
 */
export async function createKubeIssuers(
  kube: Pick<Kube, 'serviceAccountIssuer'>,
  configured: Issuers,
  options: WorldOptions,
): Promise<Issuers & { close(): void }> {
  let own: readonly IssuerKeys[] = [];
  const refresh = async (): Promise<void> => {
    const { issuer, keys } = await kube.serviceAccountIssuer();
    own = [
      { issuer, subjectType: 'workload', audiences: [], maxLifetimeSeconds: longestLifeSeconds, review: true, keys },
    ];
  };
  await refresh().catch((error: unknown) =>
    options.log.warn('the cluster’s issuer not read', { err: describeError(error) }),
  );
  const close = every({ ...options, name: 'cluster issuer' }, refreshMs, refresh);
  return { current: () => [...configured.current(), ...own], close };
}
