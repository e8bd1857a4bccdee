/** What became of held calls, as leaves: the controller's word beside the recorder's record. */
import type { HeldApproval, Leaf } from '@tachograph/protocol';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { LogPort } from '../sequencer/log-port.ts';

export interface DecisionLog {
  /** Logs the state soon, and again and again until the log has taken it. Nobody waits for it. */
  note(approval: HeldApproval): void;
  stop(): void;
}

export interface DecisionLogOptions {
  readonly sequencer: Pick<LogPort, 'append'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

const againMs = 30_000;
/** Beyond it the log has been away for long, and the recorders' own records stand for the decisions. */
const maxWaiting = 10_000;

export function createDecisionLog({ sequencer, clock, timers, log }: DecisionLogOptions): DecisionLog {
  const waiting = new Set<string>();
  const write = async (leaf: string): Promise<void> => {
    await sequencer.append([leaf]);
    waiting.delete(leaf);
  };
  const stop = every({ timers, log, name: 'decisions' }, againMs, async () => {
    for (const leaf of waiting) await write(leaf);
  });
  return {
    note(approval) {
      if (approval.state === 'pending') return;
      if (waiting.size >= maxWaiting) return log.error('decision not logged', { approval: approval.id });
      // The time is fixed here: a retry must be the same leaf.
      const leaf = JSON.stringify(toLeaf(approval, new Date(clock.nowMs()).toISOString()));
      waiting.add(leaf);
      write(leaf).catch((error: unknown) => {
        log.warn('decision is not logged yet', { approval: approval.id, err: describeError(error) });
      });
    },
    stop,
  };
}

function toLeaf({ id, digest, state }: HeldApproval, at: string): Leaf {
  return { v: 1, type: 'decision.log', approval: id, digest, state, at };
}
