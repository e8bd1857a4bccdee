import { spawn } from 'node:child_process';

export interface ProgramRun {
  readonly code: number | null;
  readonly output: string;
}

interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Under a pseudo-terminal, as programs that ask a person demand. */
  readonly terminal?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Longer than any login takes, so that a client that waits for ever fails its test. */
const limitMs = 150_000;

/** Runs a program to its end; output is both streams in one. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<ProgramRun> {
  const quoted = [program, ...args].map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ');
  const [file, ...rest] = options.terminal === true ? ['script', '-qfec', quoted, '/dev/null'] : [program, ...args];
  const child = spawn(file ?? program, rest, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, limitMs);
  options.signal?.addEventListener('abort', kill, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** The output of a program that must succeed. */
export async function outputOf(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, output } = await runProgram(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}: ${output}`);
  return output;
}
