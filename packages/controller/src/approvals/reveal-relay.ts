import { randomUUID } from 'node:crypto';
import type { Timers } from '../ports.ts';

/** Sealed values on their way to the person who waits at this replica: for seconds, in memory, and only while they wait. */
export interface RevealRelay {
  /** Of this replica, anew at every start. */
  readonly id: string;
  /** Resolves with the box; `undefined` when none came in time. */
  wait(reveal: string, forMs: number): Promise<string | undefined>;
  forget(reveal: string): void;
  readonly isAwaited: (reveal: string) => boolean;
  deliver(reveal: string, box: string): void;
  /** Nobody is waited for any more. */
  close(): void;
}

export function createRevealRelay(timers: Timers): RevealRelay {
  const waiting = new Map<string, (box: string | undefined) => void>();
  const settle = (reveal: string, box: string | undefined): void => waiting.get(reveal)?.(box);
  return {
    id: randomUUID(),
    async wait(reveal, forMs) {
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      waiting.set(reveal, resolve);
      const cancel = timers.after(forMs, () => resolve(undefined));
      const box = await promise;
      waiting.delete(reveal);
      cancel();
      return box;
    },
    forget: (reveal) => settle(reveal, undefined),
    isAwaited: (reveal) => waiting.has(reveal),
    deliver: settle,
    close() {
      for (const reveal of waiting.keys()) settle(reveal, undefined);
    },
  };
}
