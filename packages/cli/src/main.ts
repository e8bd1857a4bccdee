/** `tacho`: environment, terminal and exit code. */
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { runTacho } from './app.ts';

const interactive = process.stdin.isTTY && process.stderr.isTTY;

async function ask(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(question)).trim();
  } finally {
    prompt.close();
  }
}

async function outReady(): Promise<void> {
  const { stdout } = process;
  if (!stdout.writableNeedDrain || stdout.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stdout.off('drain', done);
      stdout.off('close', done);
      resolve();
    };
    stdout.once('drain', done);
    stdout.once('close', done);
  });
}

function onInterrupt(stop: () => void): () => void {
  process.once('SIGINT', stop);
  return () => void process.off('SIGINT', stop);
}

// A reader that goes away (tacho sessions | head) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runTacho(
  {
    env: process.env,
    out: (output) => void process.stdout.write(output),
    err: (output) => void process.stderr.write(output),
    progressStream: process.stderr.isTTY ? process.stderr : undefined,
    nowMs: () => Date.now(),
    readStdin: async () => text(process.stdin),
    stdin: () => process.stdin,
    outReady,
    ask: interactive ? ask : undefined,
    onInterrupt,
    exit: () => undefined,
  },
  process.argv.slice(2),
);
