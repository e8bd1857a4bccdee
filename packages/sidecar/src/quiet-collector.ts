/**
 * Gives memory back in quiet moments. V8 collects as a process allocates: after a burst, what it left stays for as long
 * as little happens. A thousand streams that were opened at once and then stay idle would keep 10 to 20 MB of garbage.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface QuietCollectorOptions {
  /** Collects what is garbage, and resolves when it is done. */
  readonly collect: () => Promise<void>;
  readonly rssBytes: () => number;
  /** Share of the time since it was asked last in which the event loop was busy, 0 to 1. */
  readonly busyShare: () => number;
}

/** Less than this is not worth a collection, which costs tens of milliseconds of CPU. */
const worthBytes = 4 * 1024 * 1024;

/** Above, there are calls that a collection would delay, and that make V8 collect by themselves. */
const quietShare = 0.2;

/** To be called every few seconds. Collects once where much was left and little happens, and again only after growth. */
export function createQuietCollector({ collect, rssBytes, busyShare }: QuietCollectorOptions): () => Promise<void> {
  let settledBytes = rssBytes();
  let running = false;
  return async () => {
    const isQuiet = busyShare() < quietShare;
    if (running || !isQuiet || rssBytes() - settledBytes < worthBytes) return;
    running = true;
    try {
      await collect();
    } finally {
      running = false;
      settledBytes = rssBytes();
    }
  };
}

/** How this process asks its own V8. Marking goes on beside the main thread. */
export function ownCollector(): QuietCollectorOptions {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  let last = performance.eventLoopUtilization();
  return {
    async collect() {
      if (typeof gc === 'function') await gc({ type: 'major', execution: 'async' });
    },
    rssBytes: () => process.memoryUsage.rss(),
    busyShare() {
      const { utilization } = performance.eventLoopUtilization(last);
      last = performance.eventLoopUtilization();
      return utilization;
    },
  };
}
