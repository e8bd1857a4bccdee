/** The call thread's side of the guards' thread: one text at a time, each with its deadline; it can be killed. */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { opaqueJudgement, type GuardJob, type Judgement } from '@tachograph/policy';
import type { Logger } from '@tachograph/service';
import { KillableThread, type NoReply } from '../thread/killable-thread.ts';
import { threadProgram } from '../thread/start-worker.ts';
import type { GuardReply, ToGuardWorker } from './guard-messages.ts';

export interface GuardThread {
  /** Resolves with the judgement; never rejects. What could not be judged is opaque, with the reason. In order. */
  judge(job: GuardJob): Promise<Judgement>;
  /** Ends the thread; what waits is opaque. */
  close(): Promise<void>;
}

export interface GuardThreadOptions {
  readonly log: Logger;
  /** Processor time that judging one text may take once the parsers are loaded; 50 by default. */
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
  /** Processor time of this process, in milliseconds. */
  readonly cpuMs?: (() => number) | undefined;
  /** The thread's program. */
  readonly program?: URL | undefined;
}

const memory = { maxOldGenerationMb: 160, maxYoungGenerationMb: 16 };
/** Longer texts are opaque unjudged, so they are not handed over. */
const maxLength = 64 * 1024;

/** Nothing is started before the first text: a pod without guarded calls pays nothing. */
export function createGuardThread(options: GuardThreadOptions): GuardThread {
  const { log, deadlineMs = 50, loadMs = 5_000, maxWaiting = 256, maxWaitingLength = 4 * 1024 * 1024 } = options;
  const thread = new KillableThread<GuardJob, GuardReply, Judgement>({
    program: options.program ?? threadProgram(import.meta.url, 'guard-worker'),
    memory,
    maxWaiting,
    maxWaitingLength,
    lengthOf,
    limitMs: () => loadMs,
    startedLimitMs: deadlineMs,
    cpuMs: options.cpuMs ?? processorMs,
    post(job, id, port) {
      const message: ToGuardWorker = { id, job };
      port.postMessage(message, []);
    },
    toAnswer: (_, reply) => (reply.kind === 'done' ? reply.judgement : failed),
    toRefusal: (reason) => refusals[reason],
    onEnd: (reason) => log.error('guards thread ended', { reason: `guard_${reason}` }),
    wear: {
      maxJobs: options.maxJobs ?? 20_000,
      maxGrowthBytes: options.maxGrowthBytes ?? 96 * 1024 * 1024,
      rssBytes: options.rssBytes ?? (() => process.memoryUsage.rss()),
    },
  });
  const known = new LRUCache<string, Judgement>({ max: rememberedTexts });
  return {
    async judge(job) {
      if (lengthOf(job) > maxLength) return opaqueJudgement('the text is too long to be judged');
      const key = digestOf(job);
      const before = known.get(key);
      if (before !== undefined) return before;
      const judgement = await thread.run(job);
      if (!passing.has(judgement)) known.set(key, judgement);
      return judgement;
    },
    close: async () => thread.close(),
  };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function lengthOf({ text }: GuardJob): number {
  return typeof text === 'string' ? text.length : text.reduce((sum, word) => sum + word.length, 0);
}

/** Agents say the same again and again; what a text does never changes. No text is kept. */
const rememberedTexts = 1_000;

function digestOf({ kind, text, dialect, isSniffed }: GuardJob): string {
  return hash('sha256', JSON.stringify([kind, text, dialect ?? null, isSniffed ?? false]));
}

const failed = opaqueJudgement('the guard failed');
const busy = opaqueJudgement('too much waits to be judged');
const refusals: Readonly<Record<NoReply, Judgement>> = {
  busy,
  unwanted: busy,
  timeout: opaqueJudgement('judging took too long'),
  crash: opaqueJudgement('the guard died'),
};
/** Not about the text: it is judged anew when it comes again. */
const passing: ReadonlySet<Judgement> = new Set([failed, ...Object.values(refusals)]);
