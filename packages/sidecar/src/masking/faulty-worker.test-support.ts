/** The masking thread with a detector that goes wrong where the text says so. */
import { parentPort } from 'node:worker_threads';
import type { FromMaskWorker, ToMaskWorker } from './mask-job.ts';

const hash = 'rules of the test';

parentPort?.on('message', (message: ToMaskWorker) => {
  if (message.kind === 'job') parentPort?.postMessage(answer(message.id, message.job.text), []);
});

function answer(id: number, text: string): FromMaskWorker {
  if (text.includes('HANG')) for (;;) spin();
  if (text.includes('EXIT')) process.exit(3);
  if (text.includes('CRASH')) throw new Error(`detector failed on ${text}`);
  if (text.includes('MEMORY')) fill();
  if (text.includes('THROW')) return { kind: 'failed', id };
  if (text.includes('LIE')) return { kind: 'done', id, rulesHash: 'others', result: { kind: 'clean' } };
  return { kind: 'done', id, rulesHash: hash, result: { kind: 'clean', tail: text.slice(0, 16) } };
}

let spun = 0;

function spin(): void {
  spun += 1;
}

function fill(): void {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, () => ({ spun })));
}
