/** The Lease as a lock file with the holder's process and address. The bucket's create-only writes fence, not this. */
import { readFileSync } from 'node:fs';
import { rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { Lease, Timers } from '../ports.ts';
import { createFile, isErrno, replaceFile } from './state-files.ts';
import { parseObject } from './state-json.ts';

export interface StateLeaseOptions {
  readonly path: string;
  /** Address at which others reach the holder. */
  readonly address: () => string;
  readonly pid: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

const renewEveryMs = 1000;
/** A lock that nobody touched for this long is abandoned, even if some process has its holder's number. */
const staleAfterMs = 10_000;
/** Two processes may replace a stale lock at once: the one whose text stays has it. */
const settleMs = 100;

export function createStateLease(options: StateLeaseOptions): Lease {
  const { path, timers, log } = options;
  const id = randomUUID();
  let leading = false;
  let stopped = false;
  let cancel: (() => void) | undefined;
  return {
    holder() {
      const lock = readLock(path);
      return lock === undefined ? undefined : lock.address;
    },
    start(on) {
      const look = async (): Promise<void> => {
        const has = await holdOrTake(options, id, leading).catch((error: unknown) => {
          log.warn('lock file not read', { err: describeError(error) });
          return false;
        });
        if (stopped) return;
        if (has !== leading) (has ? on.elected : on.lost)();
        leading = has;
        cancel = timers.after(renewEveryMs, () => void look());
      };
      void look();
    },
    async stop() {
      stopped = true;
      cancel?.();
      if (readLock(path)?.id === id) await rm(path, { force: true });
    },
  };
}

interface Lock {
  readonly id: string;
  readonly pid: number;
  readonly address: string;
}

function readLock(path: string): Lock | undefined {
  try {
    const { id, pid, address } = parseObject(readFileSync(path, 'utf8')) ?? {};
    const valid = typeof id === 'string' && typeof pid === 'number' && typeof address === 'string';
    return valid ? { id, pid, address } : undefined;
  } catch {
    return undefined;
  }
}

async function holdOrTake(options: StateLeaseOptions, id: string, leading: boolean): Promise<boolean> {
  const { path, clock, pid } = options;
  const text = JSON.stringify({ id, pid, address: options.address() });
  const lock = readLock(path);
  if (lock?.id === id) {
    const now = new Date(clock.nowMs());
    await utimes(path, now, now);
    return true;
  }
  // Somebody replaced a lock that we held: they lead now.
  if (leading) return false;
  if (lock === undefined) return (await createFile(path, text)) === 'created';
  if (!(await isStale(options, lock))) return false;
  await replaceFile(path, text);
  await new Promise<void>((resolve) => options.timers.after(settleMs, resolve));
  return readLock(path)?.id === id;
}

async function isStale({ path, clock, pid }: StateLeaseOptions, lock: Lock): Promise<boolean> {
  const idleMs = clock.nowMs() - (await stat(path)).mtimeMs;
  return idleMs > staleAfterMs || lock.pid === pid || !isAlive(lock.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}
