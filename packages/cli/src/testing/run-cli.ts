import { runTacho } from '../app.ts';

/** What one command line gave. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly answers?: readonly string[];
  /** Default: a day long ago, always the same. */
  readonly nowMs?: number;
}

/** Runs `tacho` in this process, with nothing of the real environment. */
export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<CliResult> {
  const written = { out: '', err: '' };
  const answers = [...(options.answers ?? [])];
  const code = await runTacho(
    {
      env: options.env ?? {},
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += text;
      },
      progressStream: undefined,
      nowMs: () => options.nowMs ?? Date.parse('2026-11-21T12:00:00Z'),
      readStdin: () => Promise.resolve(String(options.stdin ?? '')),
      stdin: () => chunksOf(Buffer.from(options.stdin ?? '')),
      outReady: () => Promise.resolve(),
      ask: options.answers === undefined ? undefined : () => Promise.resolve(answers.shift() ?? ''),
      exit: () => undefined,
    },
    argv,
  );
  return { code, ...written };
}

/** In pieces, as a pipe gives them. */
async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const pieceBytes = 64 * 1024;
  for (let at = 0; at < bytes.length; at += pieceBytes)
    yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
}
