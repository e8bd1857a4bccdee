/** The call thread's side of the guards' thread: one text at a time, each with its deadline; it can be killed. */
import { Worker } from 'node:worker_threads';
import { opaqueJudgement, type GuardJob, type Judgement } from '@tachograph/policy';
import type { Logger } from '@tachograph/service';
import type { FromGuardWorker, ToGuardWorker } from './guard-messages.ts';

export interface GuardThread {
  /** Resolves with the judgement; never rejects. What could not be judged is opaque, with the reason. In order. */
  judge(job: GuardJob): Promise<Judgement>;
  /** Ends the thread; what waits is opaque. */
  close(): Promise<void>;
}

export interface GuardThreadOptions {
  readonly log: Logger;
  /** What judging one text may take once the parsers are loaded; 50 by default. */
  readonly deadlineMs?: number | undefined;
  /** What starting the thread and loading parsers may take. */
  readonly loadMs?: number | undefined;
  /** Texts that may wait. */
  readonly maxWaiting?: number | undefined;
  /** UTF-16 units that may wait, all told. */
  readonly maxWaitingLength?: number | undefined;
  /** After so many texts the thread is replaced: WebAssembly never gives memory back. */
  readonly maxJobs?: number | undefined;
  /** The thread is replaced when the process has grown by this since its start. */
  readonly maxGrowthBytes?: number | undefined;
  /** Bytes of memory that the process holds. */
  readonly rssBytes?: (() => number) | undefined;
  /** The thread's program. */
  readonly program?: URL | undefined;
}

const maxOldGenerationMb = 160;
const maxYoungGenerationMb = 16;
/** Longer texts are opaque unjudged, so they are not handed over. */
const maxLength = 64 * 1024;

interface Waiting {
  readonly job: GuardJob;
  readonly length: number;
  readonly resolve: (judgement: Judgement) => void;
}

/** Nothing is started before the first text: a pod without guarded calls pays nothing. */
export function createGuardThread(options: GuardThreadOptions): GuardThread {
  const thread = new Thread(options);
  return {
    judge: async (job) => new Promise((resolve) => thread.take(job, resolve)),
    close: async () => thread.close(),
  };
}

class Thread {
  readonly #options: GuardThreadOptions;
  readonly #program: URL;
  readonly #rssBytes: () => number;
  #waiting: Waiting[] = [];
  #waitingLength = 0;
  #current: Waiting | undefined;
  #currentId = 0;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #jobs = 0;
  #rssAtStart = 0;
  #closed = false;

  constructor(options: GuardThreadOptions) {
    this.#options = options;
    this.#program = options.program ?? programUrl(import.meta.url);
    this.#rssBytes = options.rssBytes ?? (() => process.memoryUsage.rss());
  }

  take(job: GuardJob, resolve: (judgement: Judgement) => void): void {
    const { maxWaiting = 256, maxWaitingLength = 4 * 1024 * 1024 } = this.#options;
    const length =
      typeof job.text === 'string' ? job.text.length : job.text.reduce((sum, word) => sum + word.length, 0);
    if (length > maxLength) return resolve(opaqueJudgement('the text is too long to be judged'));
    const isFull = this.#waiting.length >= maxWaiting || this.#waitingLength + length > maxWaitingLength;
    if (this.#closed || isFull) return resolve(busy);
    this.#waiting.push({ job, length, resolve });
    this.#waitingLength += length;
    return this.#next();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { resolve } of this.#waiting.splice(0)) resolve(busy);
    this.#settle(busy);
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const one = this.#waiting.shift();
    if (one === undefined) return;
    this.#waitingLength -= one.length;
    this.#current = one;
    this.#currentId += 1;
    this.#limit(this.#options.loadMs ?? 5_000);
    try {
      const worker = (this.#worker ??= this.#start());
      const message: ToGuardWorker = { id: this.#currentId, job: one.job };
      worker.postMessage(message, []);
    } catch {
      this.#end('guard_crash');
    }
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end('guard_timeout'), ms);
  }

  #start(): Worker {
    this.#jobs = 0;
    this.#rssAtStart = this.#rssBytes();
    const worker = new Worker(this.#program, {
      // From the sources, as tests and development run it.
      execArgv: this.#program.pathname.endsWith('.ts') ? ['--conditions=source'] : [],
      env: {},
      // What a thread prints when it dies could quote a text.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: maxOldGenerationMb, maxYoungGenerationSizeMb: maxYoungGenerationMb },
    });
    worker.unref();
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (reply: FromGuardWorker) => this.#hear(worker, reply));
    worker.on('error', () => this.#died(worker));
    worker.on('exit', () => this.#died(worker));
    return worker;
  }

  #hear(worker: Worker, reply: FromGuardWorker): void {
    if (worker !== this.#worker || reply.id !== this.#currentId || this.#current === undefined) return;
    if (reply.kind === 'started') return this.#limit(this.#options.deadlineMs ?? 50);
    const judgement = reply.kind === 'done' ? reply.judgement : opaqueJudgement('the guard failed');
    this.#recycle();
    return this.#settle(judgement);
  }

  /** Replaces a thread that has done enough. The next text starts another. */
  #recycle(): void {
    const { maxJobs = 20_000, maxGrowthBytes = 256 * 1024 * 1024 } = this.#options;
    this.#jobs += 1;
    const isWorn =
      this.#jobs >= maxJobs || (this.#jobs % 64 === 0 && this.#rssBytes() - this.#rssAtStart > maxGrowthBytes);
    if (isWorn) this.#drop();
  }

  #died(worker: Worker): void {
    if (worker === this.#worker) this.#end('guard_crash');
  }

  /** Gives the thread up; what it was at is opaque. */
  #end(reason: 'guard_timeout' | 'guard_crash'): void {
    this.#drop();
    this.#options.log.error('guards thread ended', { reason });
    this.#settle(opaqueJudgement(reason === 'guard_timeout' ? 'judging took too long' : 'the guard died'));
  }

  #drop(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    // It cannot fail in a way that matters: the thread is out of use already.
    worker?.terminate().catch(() => undefined);
  }

  #settle(judgement: Judgement): void {
    clearTimeout(this.#timer);
    const done = this.#current;
    this.#current = undefined;
    done?.resolve(judgement);
    this.#next();
  }
}

const busy = opaqueJudgement('too much waits to be judged');

/** Beside this file: in the sources, compiled, or as its own bundle. */
function programUrl(own: string): URL {
  if (own.endsWith('.mjs')) return new URL('tachograph-guard-worker.mjs', own);
  return new URL(own.endsWith('.ts') ? 'guard-worker.ts' : 'guard-worker.js', own);
}
