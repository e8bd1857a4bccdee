/**
 * Pods and broken glass on their way to the controller. Nothing waits for it: the pod watch finds pods that get lost here,
 * and an Event of the pod says what a lost report would have.
 */
import { describeError, type Logger, type Metrics } from '@tachograph/service';
import type { Timers } from '@tachograph/kube';
import type { Announce, Announcement } from './controller-client.ts';

export interface AnnouncementsOptions {
  readonly announce: Announce;
  readonly timers: Timers;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Announcements {
  /** Returns at once. */
  add(pod: Announcement): void;
  close(): void;
}

/** Beyond this the newest waiting one is dropped, and counted. */
const maxWaiting = 1000;
const attempts = 5;
const firstRetryMs = 500;

export function createAnnouncements({ announce, timers, metrics, log }: AnnouncementsOptions): Announcements {
  const counter = metrics.counter('injector_announcements_total', 'What the controller was told', ['result']);
  const waiting: Announcement[] = [];
  let busy = false;
  let failures = 0;
  let cancelRetry: (() => void) | undefined;

  const settle = (result: string): void => {
    waiting.shift();
    failures = 0;
    counter.inc({ result });
  };
  const attempt = async (pod: Announcement): Promise<void> => {
    try {
      await announce(pod);
      settle('told');
    } catch (error) {
      failures += 1;
      if (failures >= attempts) {
        log.warn('not announced', { namespace: pod.namespace, pod: pod.pod, err: describeError(error) });
        settle('given_up');
      }
    }
  };
  const next = async (): Promise<void> => {
    const [pod] = waiting;
    if (pod === undefined) {
      busy = false;
      return;
    }
    await attempt(pod);
    const delayMs = failures === 0 ? 0 : firstRetryMs * 2 ** failures;
    cancelRetry = timers.after(delayMs, () => void next());
  };
  return {
    add(pod) {
      if (waiting.length >= maxWaiting) {
        waiting.pop();
        counter.inc({ result: 'dropped' });
      }
      waiting.push(pod);
      if (busy) return;
      busy = true;
      void next();
    },
    close: () => cancelRetry?.(),
  };
}
