/** Events about recorded pods, for whoever runs `kubectl describe pod`. */
import type { Kube } from '@tachograph/kube';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { PodEvents } from '../ledger/inventory-store.ts';

const component = 'tachograph-controller';

export function createKubePodEvents(
  kube: Pick<Kube, 'createEvent'>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): PodEvents {
  return {
    async warn({ namespace, pod, podUid }, reason, message) {
      const about = { apiVersion: 'v1', kind: 'Pod', name: pod, uid: podUid };
      const time = new Date(clock.nowMs()).toISOString();
      const event = {
        namespace,
        about,
        type: 'Warning',
        reason,
        message,
        component,
        instance: component,
        time,
      } as const;
      try {
        await kube.createEvent(event);
      } catch (error) {
        log.warn('event not written', { namespace, pod, reason, err: describeError(error) });
      }
    },
  };
}
