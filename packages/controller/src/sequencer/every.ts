import { describeError, type Logger } from '@tachograph/service';
import type { Timers } from '../ports.ts';

/**
 * Runs a task again and again, never twice at a time; after a failing run the next one comes all the same. The first
 * failure and the first success after it are logged, so that a long outage is two lines. The answer stops it.
 */
export function every(
  options: { readonly timers: Timers; readonly log: Logger; readonly name: string },
  intervalMs: number,
  run: () => Promise<void>,
): () => void {
  const { timers, log, name } = options;
  let stopped = false;
  let failures = 0;
  let cancel: (() => void) | undefined;
  const once = async (): Promise<void> => {
    try {
      await run();
      if (failures > 0) log.info('periodic task works again', { task: name, failures });
      failures = 0;
    } catch (error) {
      failures += 1;
      log[failures === 1 ? 'warn' : 'debug']('periodic task failed', { task: name, err: describeError(error) });
    }
    if (!stopped) cancel = timers.after(intervalMs, () => void once());
  };
  cancel = timers.after(intervalMs, () => void once());
  return () => {
    stopped = true;
    cancel?.();
  };
}
