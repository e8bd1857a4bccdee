/** The masking thread: long messages are masked here, so that no other call waits for them. */
import { parentPort } from 'node:worker_threads';
import { createMasker, type Masker } from '@tachograph/masking';
import type { FromMaskWorker, MaskJob, ToMaskWorker } from './mask-job.ts';
import { nodeMaskCrypto } from './node-crypto.ts';

let masker: Masker | undefined;

parentPort?.on('message', (message: ToMaskWorker) => {
  if (message.kind === 'rules') {
    const { spec, tokenKey } = message.rules;
    masker = createMasker(spec, nodeMaskCrypto, tokenKey === undefined ? {} : { tokenKey });
  } else parentPort?.postMessage(answer(message.id, message.job), []);
});

function answer(id: number, { form, text, context }: MaskJob): FromMaskWorker {
  if (masker === undefined) return { kind: 'failed', id };
  try {
    const result = form === 'json' ? masker.maskJson(text, context) : masker.maskText(text, context);
    return { kind: 'done', id, rulesHash: masker.rulesHash, result };
  } catch {
    return { kind: 'failed', id };
  }
}
