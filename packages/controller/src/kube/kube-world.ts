/** The world of a cluster. */
import { readFile } from 'node:fs/promises';
import { createKube, createLeaseElector, type Kube } from '@tachograph/kube';
import { createFileIssuers } from '../serve/file-issuers.ts';
import type { CommonSettings } from '../settings.ts';
import type { World, WorldOptions } from '../world.ts';
import { createKubeApprovals } from './kube-approvals.ts';
import { createKubeCallerReviews } from './kube-caller-reviews.ts';
import { createKubeCallerAccess, type KubeUserPrefixes } from './kube-caller-access.ts';
import { createKubeIdentity } from './kube-identity.ts';
import { createKubeInventories } from './kube-inventories.ts';
import { createKubeIssuers } from './kube-issuers.ts';
import { createKubeLease } from './kube-lease.ts';
import { createKubeLogins } from './kube-logins.ts';
import { createKubePodEvents } from './kube-pod-events.ts';
import { createKubePods } from './kube-pods.ts';
import { createKubePolicies } from './kube-policies.ts';
import { createKubeSecrets } from './kube-secrets.ts';
import { createKubeServerAccess } from './kube-server-access.ts';
import { publishTrust } from './publish-trust.ts';

/** What only the controller's settings have. */
interface ControllerParts {
  readonly issuersFile?: string | undefined;
  readonly sequencerTokenFile?: string;
  readonly approvals?: { readonly kubeUsers: KubeUserPrefixes };
}

/** Connects to the API server of the process's own ServiceAccount. */
export async function createKubeWorld(
  settings: CommonSettings & ControllerParts,
  namespace: string,
  options: WorldOptions,
): Promise<World> {
  return createKubeWorldOver(createKube({ log: options.log }), settings, namespace, options);
}

export async function createKubeWorldOver(
  kube: Kube,
  settings: Pick<CommonSettings, 'components' | 'cluster'> & ControllerParts,
  namespace: string,
  options: WorldOptions,
): Promise<World> {
  const path = settings.issuersFile ?? '/etc/tachograph/issuers.json';
  const fileIssuers = await createFileIssuers({ ...options, path });
  const issuers = await createKubeIssuers(kube, fileIssuers, options);
  const policies = createKubePolicies(kube);
  const secrets = createKubeSecrets(kube, namespace);
  const approvals = createKubeApprovals(kube, options.log);
  const inventories = createKubeInventories(kube, options.log);
  const users = settings.approvals?.kubeUsers ?? { user: '', group: '' };
  return {
    identity: createKubeIdentity(kube, settings.components, options.clock),
    pods: createKubePods(kube, options.log),
    policies,
    policyStatuses: policies.statuses,
    secrets,
    issuers,
    callerReviews: createKubeCallerReviews(kube),
    approvals,
    logins: createKubeLogins(kube, namespace, options.clock),
    access: createKubeCallerAccess(kube, users),
    inventories,
    serverAccess: createKubeServerAccess(kube, users),
    podEvents: createKubePodEvents(kube, options),
    // Read again for every call: the kubelet rotates it.
    componentToken: async () => (await readFile(settings.sequencerTokenFile ?? '', 'utf8')).trim(),
    lease: (address) =>
      createKubeLease(
        (candidate) => createLeaseElector({ ...options, ...candidate, leases: kube, namespace }),
        address,
      ),
    publish: async (facts) => publishTrust(secrets, settings.cluster, facts),
    async close() {
      issuers.close();
      fileIssuers.close();
      policies.close();
      approvals.close();
      inventories.close();
    },
  };
}
