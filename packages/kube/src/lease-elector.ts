/** Leader election on a Lease. It only says who should write; what makes a second writer harmless is the create-only store. */
import { isKubeError } from './kube-error.ts';
import type { Lease, LeasePort, LeaseRef } from './leases.ts';
import type { Clock, Logger, Timers } from './ports.ts';

/** `namespace` and `name` are the Lease's, which is created where it is absent. */
export interface LeaseElectorOptions extends LeaseRef {
  readonly leases: LeasePort;
  /** Unique among candidates; others may read it, for example an address. */
  readonly identity: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Default 15 s. Another candidate waits this long after the last renewal that it saw. */
  readonly durationMs?: number;
  /** Called on becoming leader. */
  readonly onStarted: () => void;
  /** Called on losing leadership, always before another candidate can have it; awaited before a release. */
  readonly onStopped: () => Promise<void> | void;
}

/** One candidate. It tries six times in `durationMs` and stops leading when two thirds pass without a renewal. */
export interface LeaseElector {
  isLeader(): boolean;
  /** Who held the lease when it was last read; empty: nobody. */
  holder(): string;
  start(): void;
  /** Stops leading, then releases the lease so that another need not wait. */
  stop(): Promise<void>;
}

/** Makes no request before `start`. Failing requests are logged and retried, never thrown. */
export function createLeaseElector(options: LeaseElectorOptions): LeaseElector {
  return new Elector(options);
}

class Elector implements LeaseElector {
  readonly #options: LeaseElectorOptions;
  readonly #durationMs: number;
  #leading = false;
  #stopped = true;
  /** Monotonic time at which we stop leading unless renewed before. */
  #deadlineMs = 0;
  #observed: { readonly lease: Lease; readonly atMs: number } | undefined;
  #cancelAttempt = (): void => undefined;
  #cancelDeadline = (): void => undefined;
  #attempt: Promise<void> = Promise.resolve();

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.#durationMs = options.durationMs ?? 15_000;
  }

  isLeader(): boolean {
    return this.#leading && this.#monotonicMs() < this.#deadlineMs;
  }

  holder(): string {
    return this.#observed?.lease.holder ?? '';
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#try();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelAttempt();
    await this.#attempt;
    const held = this.#leading ? this.#observed?.lease : undefined;
    await this.#lose();
    if (held !== undefined) await this.#release(held);
  }

  #try(): void {
    this.#attempt = this.#acquireOrRenew()
      .catch((error: unknown) => {
        // Not leading is the safe state: whatever failed, the deadline ends leadership in time.
        this.#options.log.warn('lease attempt failed', { lease: this.#options.name, err: String(error) });
      })
      .finally(() => {
        if (this.#stopped) return;
        this.#cancelAttempt = this.#options.timers.after(Math.round(this.#durationMs / 6), () => this.#try());
      });
  }

  async #acquireOrRenew(): Promise<void> {
    const { leases, namespace, name } = this.#options;
    const startedMs = this.#monotonicMs();
    const found = await leases.getLease({ namespace, name });
    if (found !== undefined) this.#observe(found);
    if (found !== undefined && !this.#mayTake(found)) {
      await this.#lose();
      return;
    }
    try {
      const wanted = this.#wanted(found);
      const written =
        found === undefined
          ? await leases.createLease({ namespace, name }, wanted)
          : await leases.updateLease({ namespace, name }, { ...wanted, resourceVersion: found.resourceVersion });
      this.#observe(written);
      await this.#lead(startedMs);
    } catch (error) {
      if (!isKubeError(error, 'conflict')) throw error;
      await this.#lose();
    }
  }

  /** Ours, released, or not renewed for its whole duration by our own clock: no clock of another machine is believed. */
  #mayTake(found: Lease): boolean {
    if (found.holder === '' || found.holder === this.#options.identity) return true;
    const idleMs = this.#monotonicMs() - (this.#observed?.atMs ?? this.#monotonicMs());
    return idleMs > Math.max(found.durationSeconds * 1000, this.#durationMs);
  }

  #observe(lease: Lease): void {
    if (this.#observed?.lease.resourceVersion === lease.resourceVersion) return;
    this.#observed = { lease, atMs: this.#monotonicMs() };
  }

  #wanted(found: Lease | undefined): Omit<Lease, 'resourceVersion'> {
    const now = new Date(this.#options.clock.nowMs()).toISOString().replace('Z', '000Z');
    const same = found?.holder === this.#options.identity;
    return {
      holder: this.#options.identity,
      durationSeconds: Math.ceil(this.#durationMs / 1000),
      renewTime: now,
      acquireTime: same ? found.acquireTime : now,
      transitions: found === undefined ? 0 : found.transitions + (same ? 0 : 1),
    };
  }

  /** `startedMs` is before the write, so the deadline lies before the earliest moment at which another may take the lease. */
  async #lead(startedMs: number): Promise<void> {
    const deadlineMs = startedMs + (this.#durationMs * 2) / 3;
    const leftMs = deadlineMs - this.#monotonicMs();
    if (leftMs <= 0 || this.#stopped) {
      if (leftMs <= 0) await this.#lose();
      return;
    }
    this.#deadlineMs = deadlineMs;
    this.#cancelDeadline();
    this.#cancelDeadline = this.#options.timers.after(leftMs, () => void this.#lose());
    if (this.#leading) return;
    this.#leading = true;
    this.#options.log.info('leading', { lease: this.#options.name, identity: this.#options.identity });
    this.#options.onStarted();
  }

  async #lose(): Promise<void> {
    this.#cancelDeadline();
    if (!this.#leading) return;
    this.#leading = false;
    this.#options.log.info('no longer leading', { lease: this.#options.name });
    try {
      await this.#options.onStopped();
    } catch (error) {
      this.#options.log.warn('stopping failed', { lease: this.#options.name, err: String(error) });
    }
  }

  async #release(held: Lease): Promise<void> {
    const { leases, namespace, name, log } = this.#options;
    try {
      await leases.updateLease({ namespace, name }, { ...held, holder: '', durationSeconds: 1 });
    } catch (error) {
      log.warn('lease not released', { lease: name, err: String(error) });
    }
  }

  #monotonicMs(): number {
    return this.#options.clock.monotonicNs() / 1e6;
  }
}
