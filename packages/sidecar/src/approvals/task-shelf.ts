/** Tasks that the sidecar hosts for held calls: who may ask about them, what became of them, and how long that is kept. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@tachograph/service';
import type { Cancel, Timers } from '../record/timers.ts';

/** How a call ended: the `result` or `error` of its answer, as JSON text. */
export interface TaskEnd {
  readonly member: 'result' | 'error';
  readonly text: string;
}

/** `approved`: it runs when its client asks next, and so is known to be there. */
export type TaskState =
  | { readonly kind: 'waiting' | 'approved' | 'running' | 'cancelled' }
  | ({ readonly kind: 'ended' } & TaskEnd);

export interface TaskLimits {
  /** Of tasks that anybody may still ask about. */
  readonly maxTasks: number;
  /** Of results that nobody has fetched, together. */
  readonly maxBytes: number;
  /** A task that nobody asks about for as long is forgotten. */
  readonly ttlMs: number;
}

/** One task. Only its own caller finds it. */
export interface HeldTask {
  readonly id: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly state: TaskState;
  /** For people: what it waits for. */
  message: string;
  /** A last change; what has ended changes no more. */
  become(state: TaskState): void;
  /** Its client has asked about it: it is kept for its time again. `authorization`: what it has asked with. */
  asked(authorization: string | undefined): void;
  /** Its client has been sent how it ended. */
  fetched(): void;
  /** Resolves when its client asks next, with what it has asked with. */
  nextAsked(): Promise<string | undefined>;
  /** Called once, when its client cancels it (`cancelled`) or nobody asks any more (`forgotten`). */
  onGone: (why: 'cancelled' | 'forgotten') => void;
  /** Its client wants it no more. */
  cancel(): void;
  /** How long it is kept from its creation on, as things stand. */
  ttlMs(): number;
  forget(): void;
}

export interface TaskShelf {
  /** `undefined`: there is no room. */
  open(caller: string): HeldTask | undefined;
  /** `undefined` for a task of anybody else, too. */
  find(caller: string, id: string): HeldTask | undefined;
  readonly size: number;
}

const prefix = 'tachograph-task.1.';
/** Its answer may have been lost. */
const fetchedMs = 60_000;
/** One caller takes no more of the room than this part. */
const partOfCaller = 8;

/** Whether a task id is one of ours, or says so: then it is never for the server. */
export function isOwnTask(id: unknown): id is string {
  return typeof id === 'string' && id.startsWith(prefix);
}

export function createTaskShelf(clock: Clock, timers: Timers, limits: TaskLimits): TaskShelf {
  return new Shelf(clock, timers, limits);
}

const tooLarge: TaskEnd = {
  member: 'error',
  text: JSON.stringify({
    code: 1502,
    message: 'the call ran; its result is too large to be kept, and is in the record',
  }),
};

class Shelf implements TaskShelf {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits: TaskLimits;
  private readonly tasks = new Map<string, ShelvedTask>();

  constructor(clock: Clock, timers: Timers, limits: TaskLimits) {
    this.clock = clock;
    this.timers = timers;
    this.limits = limits;
  }

  get size(): number {
    return this.tasks.size;
  }

  open(caller: string): HeldTask | undefined {
    const { maxTasks } = this.limits;
    if (this.tasks.size >= maxTasks) this.dropFetched();
    const own = [...this.tasks.values()].filter((task) => task.caller === caller).length;
    if (this.tasks.size >= maxTasks || own >= Math.ceil(maxTasks / partOfCaller)) return undefined;
    const task = new ShelvedTask(this, caller);
    this.tasks.set(task.id, task);
    return task;
  }

  find(caller: string, id: string): HeldTask | undefined {
    const task = this.tasks.get(id);
    return task?.caller === caller ? task : undefined;
  }

  delete(id: string): void {
    this.tasks.delete(id);
  }

  /** What is kept of an end: no more than there is room for. */
  fitting(end: TaskEnd): TaskEnd {
    if (this.bytes() + end.text.length > this.limits.maxBytes) this.dropFetched();
    return this.bytes() + end.text.length > this.limits.maxBytes ? tooLarge : end;
  }

  private bytes(): number {
    return [...this.tasks.values()].reduce(
      (sum, { state }) => sum + (state.kind === 'ended' ? state.text.length : 0),
      0,
    );
  }

  private dropFetched(): void {
    for (const task of this.tasks.values()) if (task.isFetched) task.forget();
  }
}

class ShelvedTask implements HeldTask {
  readonly id = prefix + randomUUID();
  readonly caller: string;
  readonly createdMs: number;
  updatedMs: number;
  state: TaskState = { kind: 'waiting' };
  message = '';
  onGone: (why: 'cancelled' | 'forgotten') => void = () => undefined;
  isFetched = false;
  private readonly shelf: Shelf;
  private next = Promise.withResolvers<string | undefined>();
  private keptUntilMs = 0;
  private stopClock: Cancel = () => undefined;

  constructor(shelf: Shelf, caller: string) {
    this.shelf = shelf;
    this.caller = caller;
    this.createdMs = shelf.clock.nowMs();
    this.updatedMs = this.createdMs;
    this.keepFor(shelf.limits.ttlMs);
  }

  become(state: TaskState): void {
    const { kind } = this.state;
    if (kind === 'ended' || kind === 'cancelled') return;
    this.state = state.kind === 'ended' ? { kind: 'ended', ...this.shelf.fitting(state) } : state;
    this.updatedMs = this.shelf.clock.nowMs();
    this.keepFor(this.shelf.limits.ttlMs);
  }

  asked(authorization: string | undefined): void {
    if (!this.isFetched) this.keepFor(this.shelf.limits.ttlMs);
    this.next.resolve(authorization);
    this.next = Promise.withResolvers();
  }

  fetched(): void {
    if (this.isFetched) return;
    this.isFetched = true;
    this.keepFor(Math.min(fetchedMs, this.shelf.limits.ttlMs));
  }

  async nextAsked(): Promise<string | undefined> {
    return this.next.promise;
  }

  cancel(): void {
    const { kind } = this.state;
    if (kind === 'ended' || kind === 'cancelled') return;
    this.become({ kind: 'cancelled' });
    this.onGone('cancelled');
  }

  ttlMs(): number {
    return Math.max(0, this.keptUntilMs - this.createdMs);
  }

  forget(): void {
    this.stopClock();
    this.shelf.delete(this.id);
  }

  private keepFor(ms: number): void {
    const { clock, timers } = this.shelf;
    this.stopClock();
    this.keptUntilMs = clock.nowMs() + ms;
    this.stopClock = timers.after(ms, () => this.timeOver());
  }

  private timeOver(): void {
    // What runs has been paid for: how it ends is kept.
    if (this.state.kind === 'running') return this.keepFor(this.shelf.limits.ttlMs);
    this.forget();
    this.onGone('forgotten');
  }
}
