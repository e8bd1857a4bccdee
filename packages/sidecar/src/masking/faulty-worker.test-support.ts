/** The masking thread with a detector that goes wrong where the text says so. */
import { parentPort } from 'node:worker_threads';
import { readLongRequest } from './long-request.ts';
import { summaryOf } from './message-content.ts';
import type { BytesJob, FromMaskWorker, JobResult, PostedJob, ToMaskWorker } from './mask-job.ts';

const hash = 'rules of the test';

parentPort?.on('message', (message: ToMaskWorker) => {
  if (message.kind === 'job') parentPort?.postMessage(answerJob(message.id, message.job), []);
});

function answerJob(id: number, job: PostedJob): FromMaskWorker {
  if (!('bytes' in job)) return answer(id, job.text);
  const text = Buffer.from(job.bytes).toString();
  const said = answer(id, text);
  return { ...said, bytes: job.bytes, ...(said.kind === 'done' && { result: resultOf(job, text) }) };
}

function resultOf(job: BytesJob, text: string): JobResult {
  if (job.form === 'request') return readLongRequest(Buffer.from(text), job.wants);
  return job.form === 'content' ? summaryOf(text) : { kind: 'long-clean', sha256: hash };
}

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
