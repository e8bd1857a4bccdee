/** Streams in threads: each takes the next one when it is done; results are given in the order of the tasks. */
import { Worker } from 'node:worker_threads';
import {
  type StreamResult,
  type StreamRunner,
  type StreamState,
  type StreamTask,
  toStreamTaskData,
} from '@tachograph/archive';
import { CliError } from '../cli-error.ts';
import type { FromWorker, ToWorker, WorkerArchive } from './stream-worker-messages.ts';

export interface StreamPoolOptions {
  readonly archive: WorkerArchive;
  readonly jobs: number;
  /** The thread's program; a bundle has it elsewhere. */
  readonly program: URL;
  readonly onState: (state: StreamState) => void;
  /** Asked between segments; the run then ends with `throwIfInterrupted`. */
  readonly interrupted: () => boolean;
  readonly throwIfInterrupted: () => void;
}

/** Results that wait for an earlier one: no more than this for each thread. */
const aheadOfOrder = 16;

/** What a line leaves dies young: more room for it in each thread is only memory, not speed. */
const youngGenerationMb = 12;

interface Job {
  readonly stream: string;
  readonly number: number;
}

/** A runner for `verifyArchive`. Its threads start with the first task and end with the last. */
export function createStreamPool(options: StreamPoolOptions): StreamRunner {
  return (tasks, onSegment) => new Pool(options, tasks, onSegment).run();
}

class Pool {
  readonly #options: StreamPoolOptions;
  readonly #tasks: Iterator<StreamTask>;
  readonly #onSegment: (recordBytes: number) => void;
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Job>();
  readonly #done = new Map<number, StreamResult>();
  #failure: Error | undefined;
  #wake: () => void = () => undefined;
  #started = 0;
  #exhausted = false;

  constructor(options: StreamPoolOptions, tasks: Iterable<StreamTask>, onSegment: (recordBytes: number) => void) {
    this.#options = options;
    this.#tasks = tasks[Symbol.iterator]();
    this.#onSegment = onSegment;
  }

  async *run(): AsyncGenerator<StreamResult> {
    try {
      for (let next = 0; ; next += 1) {
        const result = await this.#resultOf(next);
        if (result === undefined) return;
        yield result;
      }
    } finally {
      await Promise.all(this.#workers.map(async (worker) => worker.terminate()));
    }
  }

  /** In order; `undefined` after the last. */
  async #resultOf(number: number): Promise<StreamResult | undefined> {
    for (;;) {
      this.#fill(number);
      const result = this.#done.get(number);
      if (result !== undefined) {
        this.#done.delete(number);
        return result;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#running.size === 0) {
        this.#options.throwIfInterrupted();
        return undefined;
      }
      await this.#next();
    }
  }

  #fill(waitingFor: number): void {
    const { jobs, interrupted } = this.#options;
    if (interrupted()) {
      this.#tellAll({ kind: 'stop' });
      return;
    }
    const limit = waitingFor + jobs * aheadOfOrder;
    while (!this.#exhausted && this.#running.size < jobs && this.#started < limit) this.#start();
  }

  #start(): void {
    const next = this.#tasks.next();
    if (next.done === true) {
      this.#exhausted = true;
      return;
    }
    const worker = this.#idle.pop() ?? this.#startWorker();
    this.#running.set(worker, { stream: next.value.log.stream, number: this.#started });
    this.#started += 1;
    tell(worker, { kind: 'task', task: toStreamTaskData(next.value) });
  }

  #startWorker(): Worker {
    const { program, archive } = this.#options;
    const worker = new Worker(program, {
      workerData: archive,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
      // From the sources, as tests and development run it.
      execArgv: program.pathname.endsWith('.ts')
        ? ['--conditions=source', '--disable-warning=ExperimentalWarning']
        : [],
    });
    worker.on('message', (message: FromWorker) => this.#take(worker, message));
    worker.on('error', (cause) =>
      this.#fail(new CliError('internal', 'a thread of the verification failed', { cause })),
    );
    this.#workers.push(worker);
    return worker;
  }

  #take(worker: Worker, message: FromWorker): void {
    if (message.kind === 'segment') this.#onSegment(message.recordBytes);
    else if (message.kind === 'state') this.#options.onState(message.state);
    else this.#end(worker, message);
  }

  #end(worker: Worker, message: Extract<FromWorker, { kind: 'result' | 'stopped' | 'failed' }>): void {
    const job = this.#running.get(worker);
    this.#running.delete(worker);
    this.#idle.push(worker);
    if (message.kind === 'failed') this.#failure = new CliError('store', message.message);
    if (message.kind === 'result' && job !== undefined) this.#done.set(job.number, message.result);
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  #tellAll(message: ToWorker): void {
    for (const worker of this.#running.keys()) tell(worker, message);
  }

  /** Until a thread has something to say; an interruption is looked for four times a second. */
  async #next(): Promise<void> {
    const timer = { handle: undefined as NodeJS.Timeout | undefined };
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer.handle = setTimeout(resolve, 250);
    });
    clearTimeout(timer.handle);
  }
}

function tell(worker: Worker, message: ToWorker): void {
  worker.postMessage(message, []);
}
