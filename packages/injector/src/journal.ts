import type { AdmissionRequest } from '@tachograph/protocol';
import type { Kube, KubeEvent } from '@tachograph/kube';
import { describeError, type Clock, type Logger } from '@tachograph/service';

export interface About {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
}

export interface JournalEntry {
  readonly type: KubeEvent['type'];
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** `apiVersion` absent: `v1`. */
  readonly about: About;
}

/** Tells people what happened: one log line and one Event. Never delays or changes a verdict. */
export type Journal = (request: AdmissionRequest, entry: JournalEntry) => void;

export interface JournalOptions {
  readonly kube: Pick<Kube, 'createEvent'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly instance: string;
}

/** Events waiting at once; more are only logged, so that a flood of refusals does not become one of requests. */
const maxPending = 64;

export function createJournal({ kube, clock, log, instance }: JournalOptions): Journal {
  let pending = 0;
  return (request, { type, reason, message, about }) => {
    const namespace = request.namespace ?? '';
    const user = request.userInfo.username;
    log.info('admission', {
      reason,
      namespace,
      kind: about.kind,
      name: about.name,
      user,
      dryRun: request.dryRun === true,
    });
    if (request.dryRun === true || namespace === '' || pending >= maxPending) return;
    pending += 1;
    kube
      .createEvent({
        namespace,
        about: { apiVersion: 'v1', ...about },
        type,
        reason,
        message,
        component: 'tachograph-injector',
        instance,
        time: new Date(clock.nowMs()).toISOString(),
      })
      .catch((error: unknown) => log.warn('event not written', { reason, err: describeError(error) }))
      .finally(() => {
        pending -= 1;
      });
  };
}
