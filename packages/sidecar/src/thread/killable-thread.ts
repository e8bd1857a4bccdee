/** A thread for jobs that may hang it or kill it: one job at a time, each with its deadline; the next gets a new thread. */
import type { Worker } from 'node:worker_threads';
import { startWorker, type ThreadMemory } from './start-worker.ts';
import { ThreadWear, type WearLimits } from './thread-wear.ts';

/** Why the thread was given up. */
export type ThreadEnd = 'timeout' | 'crash';

/** Why a job got no reply. `busy`: too much waits, or the thread is closed. `unwanted`: nobody waited for it any more. */
export type NoReply = ThreadEnd | 'busy' | 'unwanted';

/** The thread says that what the job needs is loaded: from here the job's own time counts. */
export interface ThreadStarted {
  readonly kind: 'started';
  readonly id: number;
}

/** The thread's last word on a job. `failed`: it threw; what it threw may quote the job, so it stays there. */
export interface ThreadReply {
  readonly kind: 'done' | 'failed';
  readonly id: number;
}

export type ThreadPort = Pick<Worker, 'postMessage'>;

export interface KillableThreadOptions<Job, Reply extends ThreadReply, Answer> {
  readonly program: URL;
  readonly memory: ThreadMemory;
  /** Jobs that may wait. */
  readonly maxWaiting: number;
  /** Length of jobs that may wait, all told. */
  readonly maxWaitingLength: number;
  readonly lengthOf: (job: Job) => number;
  /** Asked when the job's turn comes. */
  readonly isWanted?: (job: Job) => boolean;
  /** What a job may take. The start of the thread counts. */
  readonly limitMs: (job: Job) => number;
  /** What a job may take once the thread says that it has started it. */
  readonly startedLimitMs?: number;
  /**
   * Processor time of the whole process. With it `startedLimitMs` is of that, so that a pod whose processor is throttled
   * gives up no thread that had no turn; after twenty times as much it is given up all the same.
   */
  readonly cpuMs?: (() => number) | undefined;
  /** Hands the job to a thread, which replies by `id`. */
  readonly post: (job: Job, id: number, port: ThreadPort) => void;
  /** Called before the next job is posted. */
  readonly toAnswer: (job: Job, reply: Reply) => Answer;
  readonly toRefusal: (reason: NoReply) => Answer;
  /** The thread was given up. */
  readonly onEnd: (reason: ThreadEnd) => void;
  readonly wear?: WearLimits;
}

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly length: number;
  readonly resolve: (answer: Answer) => void;
}

const starvedFactor = 20;

/** Starts nothing before its first job: most pods never have one. */
export class KillableThread<Job, Reply extends ThreadReply, Answer> {
  readonly #options: KillableThreadOptions<Job, Reply, Answer>;
  readonly #wear: ThreadWear;
  #waiting: Waiting<Job, Answer>[] = [];
  #waitingLength = 0;
  #current: Waiting<Job, Answer> | undefined;
  #currentId = 0;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #isClosed = false;

  constructor(options: KillableThreadOptions<Job, Reply, Answer>) {
    this.#options = options;
    this.#wear = new ThreadWear(options.wear);
  }

  /** Resolves with the answer or the refusal; never rejects. Jobs are done in the order in which they came. */
  async run(job: Job): Promise<Answer> {
    return new Promise((resolve) => this.#take({ job, length: this.#options.lengthOf(job), resolve }));
  }

  /** Ends the thread; what waits is refused as `busy`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    const busy = this.#options.toRefusal('busy');
    for (const { resolve } of this.#waiting.splice(0)) resolve(busy);
    this.#settle(busy);
    await worker?.terminate();
  }

  #take(one: Waiting<Job, Answer>): void {
    const { maxWaiting, maxWaitingLength, toRefusal } = this.#options;
    const isFull = this.#waiting.length >= maxWaiting || this.#waitingLength + one.length > maxWaitingLength;
    if (this.#isClosed || isFull) return one.resolve(toRefusal('busy'));
    this.#waiting.push(one);
    this.#waitingLength += one.length;
    return this.#next();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const one = this.#shift();
    if (one === undefined) return;
    this.#current = one;
    this.#currentId += 1;
    this.#limit(this.#options.limitMs(one.job));
    try {
      this.#options.post(one.job, this.#currentId, (this.#worker ??= this.#start()));
    } catch {
      this.#end('crash');
    }
  }

  /** The next one that somebody waits for. */
  #shift(): Waiting<Job, Answer> | undefined {
    const { isWanted = () => true, toRefusal } = this.#options;
    for (;;) {
      const one = this.#waiting.shift();
      if (one === undefined) return undefined;
      this.#waitingLength -= one.length;
      if (isWanted(one.job)) return one;
      one.resolve(toRefusal('unwanted'));
    }
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end('timeout'), ms);
  }

  /** The thread has had no more processor time than the process. */
  #limitStarted(limitMs: number): void {
    const { cpuMs } = this.#options;
    if (cpuMs === undefined) return this.#limit(limitMs);
    const cpuAtStart = cpuMs();
    const lastAt = performance.now() + limitMs * starvedFactor;
    const check = (): void => {
      const leftMs = Math.min(limitMs - (cpuMs() - cpuAtStart), lastAt - performance.now());
      if (leftMs < 1) return this.#end('timeout');
      this.#timer = setTimeout(check, leftMs);
      return undefined;
    };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(check, limitMs);
    return undefined;
  }

  #start(): Worker {
    this.#wear.begin();
    const worker = startWorker(this.#options.program, this.#options.memory);
    worker.on('message', (message: ThreadStarted | Reply) => this.#hear(worker, message));
    worker.on('error', () => this.#died(worker));
    worker.on('exit', () => this.#died(worker));
    return worker;
  }

  #hear(worker: Worker, message: ThreadStarted | Reply): void {
    const { startedLimitMs, toAnswer } = this.#options;
    if (worker !== this.#worker || message.id !== this.#currentId || this.#current === undefined) return;
    if (message.kind === 'started') {
      if (startedLimitMs !== undefined) this.#limitStarted(startedLimitMs);
      return;
    }
    const answer = toAnswer(this.#current.job, message);
    if (this.#wear.isWorn()) this.#drop();
    this.#settle(answer);
  }

  #died(worker: Worker): void {
    if (worker === this.#worker) this.#end('crash');
  }

  /** Gives the thread up, and refuses what it was at. */
  #end(reason: ThreadEnd): void {
    this.#drop();
    this.#options.onEnd(reason);
    this.#settle(this.#options.toRefusal(reason));
  }

  #drop(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    // It cannot fail in a way that matters: the thread is out of use already.
    worker?.terminate().catch(() => undefined);
  }

  #settle(answer: Answer): void {
    clearTimeout(this.#timer);
    const done = this.#current;
    this.#current = undefined;
    done?.resolve(answer);
    this.#next();
  }
}
