/** The masking thread: long messages are masked here, so that no other call waits for them. */
import { parentPort } from 'node:worker_threads';
import { createMasker, type Masker } from '@tachograph/masking';
import type { FromMaskWorker, JobResult, MaskJob, ToMaskWorker } from './mask-job.ts';
import { summaryOf } from './message-content.ts';
import { nodeMaskCrypto } from './node-crypto.ts';

let masker: Masker | undefined;
/** What the rules ask for is loaded before the first message is masked by them. */
let ready: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToMaskWorker) => {
  if (message.kind === 'rules') {
    const { spec, tokenKey } = message.rules;
    masker = createMasker(spec, nodeMaskCrypto, tokenKey === undefined ? {} : { tokenKey });
    ({ ready } = masker);
  } else void ready.then(() => parentPort?.postMessage(answer(message.id, message.job), []));
});

function answer(id: number, job: MaskJob): FromMaskWorker {
  if (masker === undefined) return { kind: 'failed', id };
  try {
    return { kind: 'done', id, rulesHash: masker.rulesHash, result: doJob(masker, job) };
  } catch {
    return { kind: 'failed', id };
  }
}

function doJob({ maskJson, maskText, textsOf }: Masker, { form, text, context }: MaskJob): JobResult {
  if (form === 'content') return summaryOf(text);
  if (form === 'texts') return { kind: 'texts', texts: textsOf(text) };
  return form === 'json' ? maskJson(text, context) : maskText(text, context);
}
