/** Streams here, one after the other, or in threads where that pays. */
import {
  type RebuiltLog,
  type StreamPorts,
  type StreamRunner,
  type StreamState,
  verifyStreamTask,
} from '@tachograph/archive';
import type { Interruption } from './interruption.ts';
import { createStateSaver } from './state-saver.ts';
import { createStreamPool } from './stream-pool.ts';

export interface StreamRunOptions {
  readonly ports: Pick<StreamPorts, 'source' | 'crypto' | 'gunzip'>;
  /** `shareable`: it can be opened again by its address, because threads cannot share an opened one. */
  readonly archive: { readonly address: string; readonly apiEndpoint: string | undefined; readonly shareable: boolean };
  readonly jobs: number;
  readonly nowMs: () => number;
  readonly interruption: Interruption;
  /** Keeps states for a later run; `undefined`: nobody asked. */
  readonly save: ((state: StreamState) => void) | undefined;
}

/** A thread takes a third of a second and 50 MB to start; below this, all is long through without. Compressed bytes. */
const worthThreadsBytes = 32 * 1024 * 1024;
const saveEveryMs = 5000;

/** The runner for a log that was rebuilt. */
export function createStreamRunner(options: StreamRunOptions, log: RebuiltLog): StreamRunner {
  const { jobs, archive, save } = options;
  const threads = Math.min(jobs, log.streams);
  if (!archive.shareable || threads < 2 || log.segmentBytes < worthThreadsBytes) return inTurn(options);
  const { interrupted, throwIfInterrupted } = options.interruption;
  const { address, apiEndpoint } = archive;
  return createStreamPool({
    archive: { address, apiEndpoint, saveEveryMs: save === undefined ? undefined : saveEveryMs },
    jobs: threads,
    program: workerProgram(import.meta.url),
    onState: (state) => save?.(state),
    interrupted,
    throwIfInterrupted,
  });
}

/** In the sources, compiled, or beside the bundle. */
function workerProgram(own: string): URL {
  if (own.endsWith('.mjs')) return new URL('tacho-verify-worker.mjs', own);
  return new URL(own.endsWith('.ts') ? 'stream-worker-main.ts' : 'stream-worker-main.js', own);
}

function inTurn({ ports, nowMs, interruption, save }: StreamRunOptions): StreamRunner {
  const { onState, isStop } = createStateSaver({
    nowMs,
    everyMs: save === undefined ? undefined : saveEveryMs,
    isStopping: interruption.interrupted,
    save: (state) => save?.(state),
  });
  return async function* runInTurn(tasks, onSegment) {
    try {
      for (const task of tasks) yield await verifyStreamTask({ ...ports, onSegment, onState }, task);
    } catch (error) {
      if (isStop(error)) interruption.throwIfInterrupted();
      throw error;
    }
  };
}
