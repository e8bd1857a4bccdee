import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from '@prometheus-io/client';

/** One process's metrics, in Prometheus' text format. Names start with `tachograph_`. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter<string>;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge<string>;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram<string>;
  /** The exposition and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export type { Counter, Gauge, Histogram } from '@prometheus-io/client';

/** The library's own 10 ms would wake an idle sidecar a hundred times a second. */
const eventLoopSampleMs = 500;

/** `defaults`: also collect Node's own process metrics. */
export function createMetrics(options: { readonly defaults?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.defaults === true)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  const base = (name: string, help: string, labels: readonly string[]) => ({
    name: `tachograph_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (name, help, labels = []) => new Counter(base(name, help, labels)),
    gauge: (name, help, labels = []) => new Gauge(base(name, help, labels)),
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ ...base(name, help, labels), buckets: [...buckets] }),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
