/** The world of a cluster. */
import { readFile } from 'node:fs/promises';
import { createKube, createLeaseElector, type Kube } from '@tachograph/kube';
import { createFileIssuers } from '../serve/file-issuers.ts';
import type { CommonSettings } from '../settings.ts';
import type { World, WorldOptions } from '../world.ts';
import { createKubeIdentity } from './kube-identity.ts';
import { createKubeIssuers } from './kube-issuers.ts';
import { createKubeLease } from './kube-lease.ts';
import { createKubePods } from './kube-pods.ts';
import { createKubePolicies } from './kube-policies.ts';
import { createKubeSecrets } from './kube-secrets.ts';
import { publishTrust } from './publish-trust.ts';

/** Connects to the API server of the process's own ServiceAccount. */
export async function createKubeWorld(
  settings: CommonSettings & { readonly issuersFile?: string | undefined; readonly sequencerTokenFile?: string },
  namespace: string,
  options: WorldOptions,
): Promise<World> {
  return createKubeWorldOver(createKube({ log: options.log }), settings, namespace, options);
}

export async function createKubeWorldOver(
  kube: Kube,
  settings: Pick<CommonSettings, 'components' | 'cluster'> & {
    readonly issuersFile?: string | undefined;
    readonly sequencerTokenFile?: string;
  },
  namespace: string,
  options: WorldOptions,
): Promise<World> {
  const path = settings.issuersFile ?? '/etc/tachograph/issuers.json';
  const fileIssuers = await createFileIssuers({ ...options, path });
  const issuers = await createKubeIssuers(kube, fileIssuers, options);
  const policies = createKubePolicies(kube);
  const secrets = createKubeSecrets(kube, namespace);
  return {
    identity: createKubeIdentity(kube, settings.components, options.clock),
    pods: createKubePods(kube, options.log),
    policies,
    secrets,
    issuers,
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
    },
  };
}
