import { createHash, createHmac } from 'node:crypto';
import { durabilities, type InjectContext, type InjectCrypto, type InjectSettings } from '@tachograph/inject';
import { upstreamOf, type PolicyObject } from '@tachograph/policy';
import { annotations, labels } from '@tachograph/protocol';
import type { Namespace } from '@tachograph/kube';

export const nodeCrypto: InjectCrypto = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};

/** Where injection's context comes from. */
export interface Installation {
  /** `undefined`: trust root or nonce key are not known yet, and nothing can be injected. */
  settings(): InjectSettings | undefined;
  /** From the watch, else asked for; `undefined`: there is no such namespace. */
  namespace(name: string): Promise<Namespace | undefined>;
  /** The policies of the cluster and of all namespaces; `undefined`: not read yet, so nobody knows what to mount. */
  policies(): readonly PolicyObject[] | undefined;
}

/** The context for pods of a namespace; a text says why there is none. */
export async function contextFor(installation: Installation, name: string): Promise<InjectContext | string> {
  const settings = installation.settings();
  if (settings === undefined) return 'the installation’s trust root is not known yet; try again in a moment';
  const policies = installation.policies();
  if (policies === undefined) return 'the policies are not read yet; try again in a moment';
  const namespace = await installation.namespace(name);
  if (namespace === undefined) return `namespace ${name} is not known`;
  const floor = namespace.annotations[annotations.durability];
  const durabilityFloor = durabilities.find((one) => one === floor);
  return {
    settings,
    crypto: nodeCrypto,
    namespace: {
      name,
      ...(durabilityFloor === undefined ? {} : { durabilityFloor }),
      upstreamSecret: (workload) => upstreamOf(policies, { namespace: name, workload })?.secret,
    },
  };
}

/** Whether a namespace refuses pods without the label. */
export function isEnforced(namespace: Namespace | undefined): boolean {
  return namespace?.labels[labels.inject] === 'enforced';
}
