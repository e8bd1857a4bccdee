import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Durability } from '@tachograph/protocol';
import { createRecorder } from './create-recorder.ts';
import { createManualTime, readSealedStream, testOptions, testSettings } from './recording.test-support.ts';

/** What one killed start had acknowledged. */
export interface KilledRun {
  readonly stream: string;
  /** seq and hash of every append that resolved and was printed. */
  readonly acknowledged: readonly { readonly seq: number; readonly hash: string }[];
}

const child = fileURLToPath(new URL('kill-loop-child.test-support.ts', import.meta.url));

/** Starts a writer under load and kills it with SIGKILL after `delayMs`. */
export async function runAndKill(spoolDir: string, durability: Durability, delayMs: number): Promise<KilledRun> {
  const acknowledgements = join(mkdtempSync(join(tmpdir(), 'tachograph-acknowledged-')), 'lines');
  const options = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const args = [...options, child, spoolDir, durability, acknowledgements];
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    isReady();
  });
  const closed = new Promise<void>((resolve) => void started.on('close', () => resolve()));
  await Promise.race([ready, closed]);
  await new Promise((resolve) => void setTimeout(resolve, delayMs));
  started.kill('SIGKILL');
  await closed;
  // The last line may be cut off: what it said was not heard.
  const lines = readFileSync(acknowledgements, 'utf8').split('\n').slice(0, -1);
  const acknowledged = lines.map((line) => {
    const [seq = '', hash = ''] = line.split(' ');
    return { seq: Number(seq), hash };
  });
  return { stream: output.trim(), acknowledged };
}

/** Faults of a recovered spool; empty when every acknowledged record is there, unchanged and in its place. */
export function faultsOf(spoolDir: string, run: KilledRun): string[] {
  const { records, hashes } = readSealedStream(join(spoolDir, run.stream));
  const missing = run.acknowledged.filter(({ seq, hash }) => hashes[seq] !== hash);
  const misplaced = records.filter((record, i) => record.seq !== i);
  return [
    ...missing.slice(0, 3).map(({ seq }) => `acknowledged record ${seq} is missing or changed`),
    ...misplaced.slice(0, 3).map(({ seq }) => `record ${seq} is out of place`),
  ];
}

/** One more start on the same spool, closed in order: recovers what the killed ones left. Returns its stream. */
export async function recoverOnce(spoolDir: string): Promise<string> {
  const running = await createRecorder(testOptions(testSettings(spoolDir), createManualTime(Date.now())));
  await running.close();
  return running.recorder.stream;
}
