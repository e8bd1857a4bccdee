/** Leads or follows, and says which. Only a leader appends; a halted one never does so again. */
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import type { Lease, Pods, Timers } from '../ports.ts';
import type { TileMetrics } from '../tiles/tile-writer.ts';
import type { Witnesses } from '../witness/witnesses.ts';
import type { HeldKeys } from './log-key.ts';
import type { LogMeasures } from './log-metrics.ts';
import type { LogPort } from './log-port.ts';
import { startTerm, type Term } from './term.ts';

export interface SequencerTimes {
  readonly cluster: string;
  /** How long a lone leaf waits for company. */
  readonly gatherMs: number;
  readonly checkpointIntervalMs: number;
  readonly headsIntervalMs: number;
  readonly sweepIntervalMs: number;
  readonly lostAfterMs: number;
}

export interface SequencerOptions {
  readonly settings: SequencerTimes;
  readonly store: ObjectStore;
  readonly keys: HeldKeys;
  readonly lease: Lease;
  readonly pods: Pods;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Where tiles go, and how that is counted; absent: they are not published. */
  readonly tiles?: { readonly store: ObjectStore; readonly metrics: TileMetrics };
  readonly witnesses?: Witnesses;
  /** The process must end: its view of the log is not the bucket's. */
  readonly onHalt: (reason: string) => void;
}

export interface Sequencer {
  /** Refuses with `unavailable` while this process does not lead. */
  readonly port: LogPort;
  /** Why this process does not append; `undefined` while it leads. */
  waiting(): string | undefined;
  /** Address of the leader, when another process leads. */
  leader(): string | undefined;
  /** What the log amounts to; `undefined` while another process leads. */
  measures(): LogMeasures | undefined;
  start(): void;
  stop(): Promise<void>;
}

const reopenDelayMs = 2000;

export function createSequencer(options: SequencerOptions): Sequencer {
  return new LeasedSequencer(options);
}

class LeasedSequencer implements Sequencer {
  readonly #options: SequencerOptions;
  readonly port: LogPort;
  #term: Term | undefined;
  #halted: string | undefined;
  /** Terms begin and end one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #leading = false;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.port = {
      append: async (leaves) => this.#leader().append(leaves),
      stream: async (question) => this.#leader().stream(question),
      heads: async (heads) => this.#leader().heads(heads),
      admitted: async (pod) => this.#leader().admitted(pod),
      checkpoint: async () => this.#leader().checkpoint(),
      prove: async (index, size) => this.#leader().prove(index, size),
      status: async () => this.#leader().status(),
    };
  }

  waiting(): string | undefined {
    if (this.#halted !== undefined) return `halted: ${this.#halted}`;
    return this.#term === undefined ? 'another process leads, or the log is being read' : undefined;
  }

  leader(): string | undefined {
    return this.#leading ? undefined : this.#options.lease.holder();
  }

  measures(): LogMeasures | undefined {
    return this.#term?.measures();
  }

  start(): void {
    this.#options.lease.start({
      elected: () => {
        this.#leading = true;
        this.#queue(async () => this.#begin());
      },
      lost: () => {
        this.#leading = false;
        this.#queue(async () => this.#end());
      },
    });
  }

  async stop(): Promise<void> {
    this.#leading = false;
    this.#queue(async () => this.#end());
    await this.#turn;
    await this.#options.lease.stop();
  }

  #leader(): LogPort {
    if (this.#term === undefined || !this.#leading || this.#halted !== undefined) {
      throw new ControllerError('unavailable', `this sequencer does not lead: ${this.waiting() ?? 'lease lost'}`, {
        retryAfterMs: 1000,
      });
    }
    return this.#term.port;
  }

  #queue(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => this.#halt(describeError(error)));
  }

  async #begin(): Promise<void> {
    if (!this.#leading || this.#term !== undefined || this.#halted !== undefined) return;
    try {
      this.#term = await startTerm(this.#options, {
        onHalt: (reason) => this.#halt(reason),
        alive: () => this.#leading,
      });
      this.#options.log.info('leading the log', { size: this.#term.log.size() });
    } catch (error) {
      // A log that does not hold ends the process; a bucket that does not answer is asked again.
      if (error instanceof ControllerError && error.code === 'internal') throw error;
      this.#options.log.warn('log not opened yet', { err: describeError(error) });
      this.#options.timers.after(reopenDelayMs, () => this.#queue(async () => this.#begin()));
    }
  }

  async #end(): Promise<void> {
    const term = this.#term;
    this.#term = undefined;
    await term?.close();
  }

  #halt(reason: string): void {
    if (this.#halted !== undefined) return;
    this.#halted = reason;
    this.#options.log.error('sequencer halted', { reason });
    this.#options.onHalt(reason);
  }
}
