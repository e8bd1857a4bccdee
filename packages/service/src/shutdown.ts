import { describeError, type Logger } from './logger.ts';

/** What a process closes before it ends. */
export interface Shutdown {
  /** Runs at shutdown; later additions run first, as a stack unwinds. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Runs every closer once; a failing one is logged and does not stop the others. */
  run(): Promise<void>;
}

/** Each closer is awaited before the next. `log` gets what fails; `run` itself never rejects. */
export function createShutdown(log: Logger): Shutdown {
  const closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  let running: Promise<void> | undefined;
  const unwind = async (): Promise<void> => {
    for (const { name, close } of closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        log.error('close failed', { part: name, err: describeError(error) });
      }
    }
  };
  return {
    add: (name, close) => void closers.push({ name, close }),
    run: async () => (running ??= unwind()),
  };
}

/** Ends the process on SIGTERM and SIGINT after the closers ran; a second signal ends it at once. */
export function exitOnSignals(shutdown: Shutdown, log: Logger): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      log.info('shutting down', { signal });
      void shutdown.run().finally(() => process.exit(0));
    });
  }
}
