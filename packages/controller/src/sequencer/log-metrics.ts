/** What an operator watches of the log: that somebody leads, that checkpoints follow, and what it tells of gaps and conflicts. */
import type { Logger, Metrics } from '@tachograph/service';
import type { Timers } from '../ports.ts';
import { every } from './every.ts';
import type { StreamLag } from './head-tracker.ts';
import type { Sequencer } from './sequencer.ts';

/** Taken from memory; nothing is read for it. */
export interface LogMeasures {
  /** Leaves of the log by type, from its beginning. */
  readonly leaves: ReadonlyMap<string, number>;
  readonly lag: StreamLag;
  /** Streams that are neither closed nor lost. */
  readonly openStreams: number;
}

export interface LogMetricsOptions {
  readonly metrics: Metrics;
  readonly timers: Timers;
  readonly log: Logger;
}

const measureEveryMs = 2000;
const nothing = { size: 0, checkpointSize: 0 };

/** Every gauge is 0 while another process leads: take the maximum over the replicas. The answer stops it. */
export function startLogMetrics({ metrics, timers, log }: LogMetricsOptions, sequencer: Sequencer): () => void {
  const leading = metrics.gauge('log_leading', '1 while this process appends to the log');
  const size = metrics.gauge('log_size', 'Durable leaves of the log; 0 while another process leads');
  const signed = metrics.gauge('log_checkpoint_size', 'Leaves under the newest checkpoint; 0 while another leads');
  const setMeasures = createMeasureGauges(metrics);
  return every({ timers, log, name: 'log metrics' }, measureEveryMs, async () => {
    leading.set(sequencer.waiting() === undefined ? 1 : 0);
    const status = await sequencer.port.status().catch(() => nothing);
    size.set(status.size);
    signed.set(status.checkpointSize);
    setMeasures(sequencer.measures());
  });
}

function createMeasureGauges(metrics: Metrics): (measures: LogMeasures | undefined) => void {
  const leaves = metrics.gauge('log_leaves', 'Leaves of the log by type, from its beginning', ['type']);
  const lagging = metrics.gauge('log_lagging_streams', 'Streams that report far more than is archived, for minutes');
  const behind = metrics.gauge(
    'log_lag_records',
    'Records that the stream furthest behind has reported and not archived',
  );
  const open = metrics.gauge('log_open_streams', 'Streams that are neither closed nor lost');
  return (measures) => {
    leaves.reset();
    for (const [type, count] of measures?.leaves ?? []) leaves.labels(type).set(count);
    lagging.set(measures?.lag.streams ?? 0);
    behind.set(measures?.lag.records ?? 0);
    open.set(measures?.openStreams ?? 0);
  };
}
