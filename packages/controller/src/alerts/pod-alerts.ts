/** Alerts of sidecars (`docs/limits.md`): a line in the log, a metric, and an Event on the pod. */
import type { AlertReport } from '@tachograph/protocol';
import type { Clock, Counter, Logger } from '@tachograph/service';
import type { PodEvents } from '../ledger/inventory-store.ts';
import type { PodIdentity } from '../ports.ts';

export interface PodAlertsOptions {
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly log: Logger;
  /** By kind of rule. */
  readonly raised: Counter;
}

/** Takes one alert. Resolves when the Event is written, or could not be. */
export type TakeAlert = (pod: PodIdentity, report: AlertReport) => Promise<void>;

/** A sidecar tells of each rule and subject once in a window; more than this a minute is a flood, and only counted. */
const maxEventsPerMinute = 20;
const minuteMs = 60_000;

export function createPodAlerts({ events, clock, log, raised }: PodAlertsOptions): TakeAlert {
  let minute = 0;
  const written = new Map<string, number>();
  const isFlood = ({ podUid }: PodIdentity): boolean => {
    const now = Math.floor(clock.nowMs() / minuteMs);
    if (now !== minute) written.clear();
    minute = now;
    const count = (written.get(podUid) ?? 0) + 1;
    written.set(podUid, count);
    return count > maxEventsPerMinute;
  };
  return async (pod, report) => {
    raised.labels(report.kind).inc();
    if (isFlood(pod)) return;
    const { alert, policy, kind, subject, tool, count, seconds } = report;
    const about = { namespace: pod.namespace, pod: pod.pod, alert, policy, kind, subject, count, seconds };
    log.warn('alert', tool === undefined ? about : { ...about, tool });
    await events.warn(pod, 'TachographAlert', inWords(report));
  };
}

function inWords({ alert, policy, kind, subject, tool, count, seconds, baseline }: AlertReport): string {
  const by = `alert "${alert}" of policy "${policy}"`;
  const span = `in ${seconds} s`;
  if (kind === 'denials') return `${by}: ${subject} had ${count} calls denied ${span}`;
  if (kind === 'credential_probing') return `${by}: ${subject} sent ${count} requests with credentials ${span}`;
  return `${by}: ${subject} called ${tool ?? 'a tool'} ${count} times ${span}, usually ${baseline ?? 0}`;
}
