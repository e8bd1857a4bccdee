/** The call thread's side of the masking thread: one message at a time, each with its deadline. */
import { Worker } from 'node:worker_threads';
import type { Logger } from '@tachograph/service';
import type { LongBytes } from './long-bytes.ts';
import type { BytesJob, FromMaskWorker, JobResult, MaskRules, PostedJob, TextJob, ToMaskWorker } from './mask-job.ts';
import type { MaskRefused } from './mask-outcome.ts';

/** What a job gave, or why it gave nothing. */
export type ThreadOutcome = JobResult | MaskRefused;

/** A text, or bytes that are lent to the thread while it is at them; they come back, unless the thread ends. */
export type MaskJob = TextJob | (BytesJob & { readonly body: LongBytes });

/** False once nobody waits for the message. */
export type IsWanted = () => boolean;

export interface MaskThread {
  /**
   * Resolves with the outcome; never rejects. Jobs are done in the order in which they were asked for; one that is no
   * longer wanted when its turn comes is not done.
   */
  mask(rules: MaskRules, rulesHash: string, job: MaskJob, isWanted?: IsWanted): Promise<ThreadOutcome>;
  /** Ends the thread; what waits is refused. */
  close(): Promise<void>;
}

export interface MaskThreadOptions {
  readonly log: Logger;
  /** What one message may take, beside `msPerMiB` for its length. The start of the thread counts. */
  readonly timeoutMs: number;
  /** Jobs that may wait. */
  readonly maxWaiting?: number;
  /** UTF-16 units and bytes that may wait, all told. */
  readonly maxWaitingLength?: number;
  /** The thread's program. */
  readonly program?: URL;
}

/** Hostile texts are read at a megabyte a second at least (`masking.md` R6). */
const msPerMiB = 1000;
const maxOldGenerationMb = 192;
const maxYoungGenerationMb = 16;

interface Waiting {
  readonly rules: MaskRules;
  readonly rulesHash: string;
  readonly job: MaskJob;
  readonly isWanted: IsWanted;
  readonly resolve: (outcome: ThreadOutcome) => void;
}

/** Nothing is started before the first job: most pods never see a long message. */
export function createMaskThread(options: MaskThreadOptions): MaskThread {
  const thread = new Thread(options);
  return {
    mask: async (rules, rulesHash, job, isWanted = always) =>
      new Promise((resolve) => thread.take({ rules, rulesHash, job, isWanted, resolve })),
    close: async () => thread.close(),
  };
}

class Thread {
  readonly #options: MaskThreadOptions;
  readonly #program: URL;
  #waiting: Waiting[] = [];
  #waitingLength = 0;
  #current: Waiting | undefined;
  #currentId = 0;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #rules: MaskRules | undefined;
  #closed = false;

  constructor(options: MaskThreadOptions) {
    this.#options = options;
    this.#program = options.program ?? programUrl(import.meta.url);
  }

  take(one: Waiting): void {
    const { maxWaiting = 256, maxWaitingLength = 64 * 1024 * 1024 } = this.#options;
    const length = lengthOf(one);
    const isFull = this.#waiting.length >= maxWaiting || this.#waitingLength + length > maxWaitingLength;
    if (this.#closed || isFull) return one.resolve(refused('mask_busy'));
    this.#waiting.push(one);
    this.#waitingLength += length;
    return this.#next();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#forgetWorker();
    for (const { resolve } of this.#waiting.splice(0)) resolve(refused('mask_busy'));
    this.#settle(refused('mask_busy'));
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const one = this.#shift();
    if (one === undefined) return;
    this.#current = one;
    this.#currentId += 1;
    const limitMs = this.#options.timeoutMs + (lengthOf(one) / 1024 ** 2) * msPerMiB;
    this.#timer = setTimeout(() => this.#end('mask_timeout'), limitMs);
    try {
      this.#post(one);
    } catch {
      this.#end('mask_crash');
    }
  }

  /** The next one that somebody waits for. */
  #shift(): Waiting | undefined {
    for (;;) {
      const one = this.#waiting.shift();
      if (one === undefined) return undefined;
      this.#waitingLength -= lengthOf(one);
      if (one.isWanted()) return one;
      one.resolve(refused('client_left'));
    }
  }

  #post({ rules, job }: Waiting): void {
    const worker = (this.#worker ??= this.#start());
    const post = (message: ToMaskWorker, lent: ArrayBuffer[] = []): void => worker.postMessage(message, lent);
    if (this.#rules !== rules) post({ kind: 'rules', rules });
    this.#rules = rules;
    const posted = toPosted(job);
    post({ kind: 'job', id: this.#currentId, job: posted }, 'bytes' in posted ? [posted.bytes.buffer] : []);
  }

  #start(): Worker {
    const worker = new Worker(this.#program, {
      // From the sources, as tests and development run it.
      execArgv: this.#program.pathname.endsWith('.ts') ? ['--conditions=source'] : [],
      env: {},
      // What a thread prints when it dies could quote a message.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: maxOldGenerationMb, maxYoungGenerationSizeMb: maxYoungGenerationMb },
    });
    worker.unref();
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (reply: FromMaskWorker) => this.#hear(worker, reply));
    worker.on('error', () => this.#died(worker));
    worker.on('exit', () => this.#died(worker));
    return worker;
  }

  #hear(worker: Worker, reply: FromMaskWorker): void {
    if (worker !== this.#worker || reply.id !== this.#currentId || this.#current === undefined) return;
    const { job } = this.#current;
    if ('body' in job && reply.bytes !== undefined) job.body.takeBack(reply.bytes);
    // Two rule sets under one hash would make the record say what was not done.
    const isSound = reply.kind === 'done' && reply.rulesHash === this.#current.rulesHash;
    this.#settle(isSound ? reply.result : refused('mask_error'));
  }

  #died(worker: Worker): void {
    if (worker === this.#worker) this.#end('mask_crash');
  }

  /** Gives the thread up, and refuses what it was at. The next message gets a new one. */
  #end(reason: 'mask_timeout' | 'mask_crash'): void {
    const worker = this.#worker;
    this.#forgetWorker();
    this.#options.log.error('masking thread ended', { reason });
    // It cannot fail in a way that matters: the thread is out of use already.
    worker?.terminate().catch(() => undefined);
    this.#settle(refused(reason));
  }

  #forgetWorker(): void {
    this.#worker = undefined;
    this.#rules = undefined;
  }

  #settle(outcome: ThreadOutcome): void {
    clearTimeout(this.#timer);
    const done = this.#current;
    this.#current = undefined;
    done?.resolve(outcome);
    this.#next();
  }
}

function always(): boolean {
  return true;
}

function lengthOf({ job }: Waiting): number {
  return 'body' in job ? job.body.length : job.text.length;
}

function toPosted(job: MaskJob): PostedJob {
  if (!('body' in job)) return job;
  const { body, ...rest } = job;
  return { ...rest, bytes: body.lend() };
}

function refused(reason: MaskRefused['reason']): MaskRefused {
  return { kind: 'refused', reason };
}

/** Beside this file: in the sources, compiled, or as its own bundle. */
function programUrl(own: string): URL {
  if (own.endsWith('.mjs')) return new URL('tachograph-mask-worker.mjs', own);
  return new URL(own.endsWith('.ts') ? 'mask-worker.ts' : 'mask-worker.js', own);
}
