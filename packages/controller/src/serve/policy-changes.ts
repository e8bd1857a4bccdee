/** Every new version of a workload's bundle as a leaf: what was in force, and since when. */
import type { Leaf } from '@tachograph/protocol';
import { describeError, type Logger } from '@tachograph/service';
import type { Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { LogPort } from '../sequencer/log-port.ts';

/** A version that was published, and that the log may not tell of yet. */
export interface PolicyChange {
  readonly namespace: string;
  readonly workload: string;
  readonly version: number;
  /** Hex SHA-256 of the compiled content. */
  readonly digest: string;
  /** RFC 3339; stored with the version, so that every replica writes the same leaf. */
  readonly at: string;
}

export interface PolicyChanges {
  /** Logs it soon, and again and again until the log has taken it; then `done` is called. */
  note(change: PolicyChange, done: () => Promise<void>): void;
  stop(): void;
}

export interface PolicyChangesOptions {
  readonly sequencer: LogPort;
  readonly timers: Timers;
  readonly log: Logger;
}

const againMs = 30_000;

export function createPolicyChanges({ sequencer, timers, log }: PolicyChangesOptions): PolicyChanges {
  const pending = new Map<string, { readonly change: PolicyChange; readonly done: () => Promise<void> }>();
  const write = async (key: string): Promise<void> => {
    const found = pending.get(key);
    if (found === undefined) return;
    await sequencer.append([JSON.stringify(toLeaf(found.change))]);
    await found.done();
    if (pending.get(key) === found) pending.delete(key);
  };
  const stop = every({ timers, log, name: 'policy changes' }, againMs, async () => {
    for (const key of pending.keys()) await write(key);
  });
  return {
    note(change, done) {
      const key = `${change.namespace}/${change.workload} ${change.version}`;
      if (pending.has(key)) return;
      pending.set(key, { change, done });
      void write(key).catch((error: unknown) => {
        log.warn('policy change is not logged yet', { change: key, err: describeError(error) });
      });
    },
    stop,
  };
}

/** Who changed it is in the API server's audit log: the controller sees only that it changed. */
function toLeaf({ namespace, workload, version, digest, at }: PolicyChange): Leaf {
  const subject = `${namespace}/${workload}`;
  return { v: 1, type: 'admin.action', action: 'policy.changed', subject, detail: { version, sha256: digest }, at };
}
