/** Worker threads that run what came from outside: with little memory, no environment, and nothing on the console. */
import { Worker } from 'node:worker_threads';

/** Heap that the thread may have; a thread that wants more dies alone. */
export interface ThreadMemory {
  readonly maxOldGenerationMb: number;
  readonly maxYoungGenerationMb: number;
}

/** The program `name` beside the file at `own`: in the sources, compiled, or as its own bundle. */
export function threadProgram(own: string, name: string): URL {
  if (own.endsWith('.mjs')) return new URL(`tachograph-${name}.mjs`, own);
  return new URL(`${name}${own.endsWith('.ts') ? '.ts' : '.js'}`, own);
}

/** Does not keep the process alive. */
export function startWorker(program: URL, { maxOldGenerationMb, maxYoungGenerationMb }: ThreadMemory): Worker {
  const worker = new Worker(program, {
    // From the sources, as tests and development run it.
    execArgv: program.pathname.endsWith('.ts') ? ['--conditions=source'] : [],
    env: {},
    // What a thread prints when it dies could quote a message.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: maxOldGenerationMb, maxYoungGenerationSizeMb: maxYoungGenerationMb },
  });
  worker.unref();
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}
