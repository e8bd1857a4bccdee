/** The guards' thread with a judge that goes wrong where the text says so. */
import { parentPort } from 'node:worker_threads';
import type { FromGuardWorker, ToGuardWorker } from './guard-messages.ts';

let jobs = 0;

parentPort?.on('message', ({ id, job }: ToGuardWorker) => {
  const text = String(job.text);
  jobs += 1;
  if (text.includes('NEVER')) return;
  say({ kind: 'started', id });
  if (text.includes('HANG')) for (;;) spin();
  if (text.includes('EXIT')) process.exit(3);
  if (text.includes('CRASH')) throw new Error(`judge failed on ${text}`);
  if (text.includes('MEMORY')) fill();
  if (text.includes('THROW')) say({ kind: 'failed', id });
  else say({ kind: 'done', id, judgement: { verdict: 'read', verdicts: ['read'], reasons: [`${text} ${jobs}`] } });
});

function say(message: FromGuardWorker): void {
  parentPort?.postMessage(message, []);
}

let spun = 0;

function spin(): void {
  spun += 1;
}

function fill(): void {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, () => ({ spun })));
}
