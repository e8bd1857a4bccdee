/** Hourly period manifests: one for every UTC hour, also for those in which nobody led. */
import type { Clock } from '@tachograph/service';
import type { TransparencyLog } from './transparency-log.ts';

export interface PeriodWriterOptions {
  readonly log: TransparencyLog;
  readonly clock: Clock;
  readonly cluster: string;
}

/** Of one run; the next run goes on. A clock that was far off must not fill the log in one breath. */
const maxPerRun = 1000;

/** Writes the manifests of all hours that are over. Resolves when they are durable. */
export async function writePeriods({ log, clock, cluster }: PeriodWriterOptions): Promise<void> {
  const nowMs = clock.nowMs();
  const at = new Date(nowMs).toISOString();
  const written: Promise<unknown>[] = [];
  while (written.length < maxPerRun && (log.index.periods.due()?.toMs ?? Infinity) <= nowMs) {
    // Tree and counts are those before this leaf: nothing may be queued between reading them and queueing it.
    const manifest = log.index.periods.manifest({ cluster, ...log.queued(), at });
    if (manifest === undefined) break;
    written.push(log.write(manifest));
  }
  await Promise.all(written);
}
