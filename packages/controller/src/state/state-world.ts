import { noCallerAccess } from '../approvals/caller-access.ts';
import { loadSigningKey } from '../keys/signing-key.ts';
import { secretNames } from '../keys/secret-names.ts';
import { humanServerAccess } from '../ledger/inventory-store.ts';
import type { World, WorldOptions } from '../world.ts';
import { replaceFile, statePaths } from './state-files.ts';
import { createStateApprovals } from './state-approvals.ts';
import { createStateInventories } from './state-inventories.ts';
import { createStateIdentity, loadComponentToken } from './state-identity.ts';
import { initIssuers } from './state-issuers.ts';
import { createStateLease } from './state-lease.ts';
import { createStateLogins } from './state-logins.ts';
import { createStatePods } from './state-pods.ts';
import { createStatePolicies } from './state-policies.ts';
import { createStateSecrets } from './state-secrets.ts';
import { createFileIssuers } from '../serve/file-issuers.ts';

/** Makes what a state directory needs, unless it is there: whoever comes first does. */
export async function initState(dir: string): Promise<void> {
  await initIssuers(dir);
  await loadComponentToken(dir);
  await loadSigningKey(createStateSecrets(dir), secretNames.trustRoot);
}

/** The world of one state directory. */
export async function createStateWorld(dir: string, options: WorldOptions & { readonly pid: number }): Promise<World> {
  await initState(dir);
  const issuers = await createFileIssuers({ ...options, path: statePaths.issuers(dir) });
  return {
    identity: createStateIdentity(dir),
    pods: createStatePods(),
    policies: createStatePolicies(dir, options.timers),
    secrets: createStateSecrets(dir),
    issuers,
    approvals: createStateApprovals(dir),
    logins: createStateLogins(dir, options.clock),
    inventories: createStateInventories(dir, options.clock),
    serverAccess: humanServerAccess,
    // Nobody watches pods here; the log says it too.
    podEvents: { warn: async () => undefined },
    access: noCallerAccess,
    componentToken: async () => loadComponentToken(dir),
    lease: (address) => createStateLease({ ...options, path: statePaths.sequencerLock(dir), address }),
    async publish({ controller, vkey, fingerprint }) {
      if (controller !== undefined)
        await replaceFile(statePaths.controllerAddress(dir), JSON.stringify({ url: controller, trust: fingerprint }));
      if (vkey !== undefined) await replaceFile(statePaths.logKey(dir), `${vkey}\n`);
    },
    async close() {
      issuers.close();
    },
  };
}
