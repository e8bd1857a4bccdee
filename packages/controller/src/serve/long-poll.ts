import type { Request, Response } from 'express';
import type { Timers } from '../ports.ts';
import type { SignedAnswer } from './signed-answer.ts';

/** Longest wait that `Prefer: wait=N` gets (RFC 7240 section 4.3). */
const longestWaitMs = 30_000;
/** A change wakes the poll; a new signing slot is noticed by looking. */
const lookEveryMs = 5000;

export interface LongPoll {
  /** Answers at once when the tag differs; else as soon as it does, or 304 when the wait is over. */
  answer(request: Request, response: Response, read: () => Promise<SignedAnswer>): Promise<void>;
  /** Something may have changed. */
  wake(): void;
}

export function createLongPoll(timers: Timers): LongPoll {
  const sleepers = new Set<() => void>();
  const sleep = async (delayMs: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sleepers.add(resolve);
    const cancel = timers.after(delayMs, resolve);
    await promise;
    sleepers.delete(resolve);
    cancel();
  };
  return {
    async answer(request, response, read) {
      const known = request.get('if-none-match');
      const waitMs = waitOf(request.get('prefer'));
      let current = await read();
      for (let leftMs = waitMs; current.etag === known && leftMs > 0 && !request.socket.destroyed;) {
        const startedMs = performance.now();
        await sleep(Math.min(leftMs, lookEveryMs));
        leftMs -= performance.now() - startedMs;
        current = await read();
      }
      response.set('ETag', current.etag).set('Cache-Control', 'no-store');
      if (current.etag === known) response.status(304).end();
      else response.json(current.statement);
    },
    wake() {
      for (const resolve of sleepers) resolve();
    },
  };
}

function waitOf(prefer: string | undefined): number {
  const [, seconds] = /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(prefer ?? '') ?? [];
  return seconds === undefined ? 0 : Math.min(Number(seconds) * 1000, longestWaitMs);
}
