/** SubjectAccessReviews: who may look at inventories and pin definitions. */
import type { Kube } from '@tachograph/kube';
import { ControllerError } from '../controller-error.ts';
import type { ServerAccess } from '../ledger/inventory-store.ts';
import type { KubeUserPrefixes } from './kube-caller-access.ts';

/** Rights that RBAC grants on `mcpservers`: `get` to look, `update` of the subresource `pins` to pin. */
const questions = {
  read: { verb: 'get', group: 'tachograph.dev', resource: 'mcpservers', name: '' },
  pin: { verb: 'update', group: 'tachograph.dev', resource: 'mcpservers', subresource: 'pins', name: '' },
} as const;

/**
 * A grant needs the one name that the API server would give the person, so that no other issuer's `alice` gets it: the
 * configured prefix and the `sub`, or else the issuer, `#` and the `sub`. Groups count only with a configured prefix.
 */
export function createKubeServerAccess(kube: Pick<Kube, 'reviewAccess'>, prefixes: KubeUserPrefixes): ServerAccess {
  return {
    async may({ iss, sub, type, groups }, action, namespace) {
      if (type === 'ci') return false;
      const isAccount = type === 'workload';
      const user = isAccount ? sub : prefixes.user === '' ? `${iss}#${sub}` : `${prefixes.user}${sub}`;
      const named = prefixes.group === '' ? [] : groups.map((group) => `${prefixes.group}${group}`);
      const asked = [...(isAccount ? groups : named), 'system:authenticated'];
      try {
        return await kube.reviewAccess({ user, groups: asked, namespace, ...questions[action] });
      } catch (cause) {
        throw new ControllerError('unavailable', 'what you may do cannot be found out now', {
          cause,
          retryAfterMs: 2000,
        });
      }
    },
  };
}
