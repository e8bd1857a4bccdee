/** The call thread's side of the masking thread: one message at a time, each with its deadline. */
import type { Logger } from '@tachograph/service';
import { KillableThread, type NoReply, type ThreadPort } from '../thread/killable-thread.ts';
import { threadProgram } from '../thread/start-worker.ts';
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
const memory = { maxOldGenerationMb: 192, maxYoungGenerationMb: 16 };

interface Asked {
  readonly rules: MaskRules;
  readonly rulesHash: string;
  readonly job: MaskJob;
  readonly isWanted: IsWanted;
}

/** Nothing is started before the first job: most pods never see a long message. */
export function createMaskThread(options: MaskThreadOptions): MaskThread {
  const { log, timeoutMs, maxWaiting = 256, maxWaitingLength = 64 * 1024 * 1024 } = options;
  const thread = new KillableThread<Asked, FromMaskWorker, ThreadOutcome>({
    program: options.program ?? threadProgram(import.meta.url, 'mask-worker'),
    memory,
    maxWaiting,
    maxWaitingLength,
    lengthOf,
    isWanted: ({ isWanted }) => isWanted(),
    limitMs: (asked) => timeoutMs + (lengthOf(asked) / 1024 ** 2) * msPerMiB,
    post: createPost(),
    toAnswer,
    toRefusal: (reason) => refused(refusals[reason]),
    onEnd: (reason) => log.error('masking thread ended', { reason: refusals[reason] }),
  });
  return {
    mask: async (rules, rulesHash, job, isWanted = always) => thread.run({ rules, rulesHash, job, isWanted }),
    close: async () => thread.close(),
  };
}

/** A thread is told of rules once, before its first job by them. */
function createPost(): (asked: Asked, id: number, port: ThreadPort) => void {
  let told: { readonly port: ThreadPort; readonly rules: MaskRules } | undefined;
  return ({ rules, job }, id, port) => {
    const post = (message: ToMaskWorker, lent: ArrayBuffer[] = []): void => port.postMessage(message, lent);
    if (told?.port !== port || told.rules !== rules) post({ kind: 'rules', rules });
    told = { port, rules };
    const posted = toPosted(job);
    post({ kind: 'job', id, job: posted }, 'bytes' in posted ? [posted.bytes.buffer] : []);
  };
}

function toAnswer({ job, rulesHash }: Asked, reply: FromMaskWorker): ThreadOutcome {
  if ('body' in job && reply.bytes !== undefined) job.body.takeBack(reply.bytes);
  // Two rule sets under one hash would make the record say what was not done.
  return reply.kind === 'done' && reply.rulesHash === rulesHash ? reply.result : refused('mask_error');
}

function always(): boolean {
  return true;
}

function lengthOf({ job }: Asked): number {
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

const refusals: Readonly<Record<NoReply, MaskRefused['reason']>> = {
  busy: 'mask_busy',
  unwanted: 'client_left',
  timeout: 'mask_timeout',
  crash: 'mask_crash',
};
