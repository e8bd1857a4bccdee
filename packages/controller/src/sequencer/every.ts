import { describeError, type Logger } from '@tachograph/service';
import type { Timers } from '../ports.ts';

/** Runs a task again and again, never twice at a time; a failing run is logged and the next one comes. The answer stops it. */
export function every(
  options: { readonly timers: Timers; readonly log: Logger; readonly name: string },
  intervalMs: number,
  run: () => Promise<void>,
): () => void {
  let stopped = false;
  let cancel: (() => void) | undefined;
  const once = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      options.log.warn('periodic task failed', { task: options.name, err: describeError(error) });
    }
    if (!stopped) cancel = options.timers.after(intervalMs, () => void once());
  };
  cancel = options.timers.after(intervalMs, () => void once());
  return () => {
    stopped = true;
    cancel?.();
  };
}
