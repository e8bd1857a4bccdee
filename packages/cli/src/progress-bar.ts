import { SingleBar } from 'cli-progress';
import type { CliContext } from './cli-context.ts';

/** Progress on a terminal's stderr; silent anywhere else. */
export interface ProgressBar {
  update(done: number, total: number, what: string): void;
  stop(): void;
}

/** A bar that is drawn only on a terminal. */
export function createProgressBar(context: CliContext): ProgressBar {
  const stream = context.progressStream;
  if (stream === undefined) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    stream,
    format: '{what} [{bar}] {value}/{total}',
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
  });
  let started = false;
  return {
    update(done, total, what) {
      const end = Math.max(total, done);
      if (!started) bar.start(end, done, { what });
      started = true;
      bar.setTotal(end);
      bar.update(done, { what });
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
