/** The masking thread: long messages are parsed and masked here, so that no other call waits for them. */
import { parentPort } from 'node:worker_threads';
import { createMasker, preparePatterns, type Masker } from '@tachograph/masking';
import { createLongMasking, type LongMasking } from './long-masking.ts';
import type { FromMaskWorker, JobResult, PostedJob, TextJob, ToMaskWorker } from './mask-job.ts';
import { summaryOf } from './message-content.ts';
import { nodeMaskCrypto } from './node-crypto.ts';

interface Rules {
  readonly masker: Masker;
  readonly long: LongMasking;
}

let rules: Rules | undefined;
/** What the rules ask for is loaded before the first message is masked by them. */
let ready: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToMaskWorker) => {
  if (message.kind === 'rules') {
    const { spec, tokenKey } = message.rules;
    const masker = createMasker(spec, nodeMaskCrypto, tokenKey === undefined ? {} : { tokenKey });
    rules = { masker, long: createLongMasking(masker) };
    ({ ready } = masker);
  } else void answerWhenReady(message.id, message.job);
});

async function answerWhenReady(id: number, job: PostedJob): Promise<void> {
  await ready;
  if ('context' in job) await preparePatterns(job.context?.outputSchema);
  post(answer(id, job));
}

function answer(id: number, job: PostedJob): FromMaskWorker {
  const bytes = 'bytes' in job ? job.bytes : undefined;
  if (rules === undefined) return { kind: 'failed', id, bytes };
  try {
    return { kind: 'done', id, bytes, rulesHash: rules.masker.rulesHash, result: doJob(rules, job) };
  } catch {
    return { kind: 'failed', id, bytes };
  }
}

function doJob({ masker, long }: Rules, job: PostedJob): JobResult {
  return 'bytes' in job ? long(job, job.bytes) : doText(masker, job);
}

function doText({ maskJson, maskText, textsOf }: Masker, { form, text, context }: TextJob): JobResult {
  if (form === 'content') return summaryOf(text);
  if (form === 'texts') return { kind: 'texts', texts: textsOf(text) };
  return form === 'json' ? maskJson(text, context) : maskText(text, context);
}

/** Bytes are handed over, not copied. */
function post(reply: FromMaskWorker): void {
  const own = reply.bytes === undefined ? [] : [reply.bytes.buffer];
  const made = reply.kind === 'done' && reply.result.kind === 'long-masked' ? reply.result : undefined;
  const texts = [made?.record, made?.client === 'same' ? undefined : made?.client];
  parentPort?.postMessage(reply, [
    ...own,
    ...texts.flatMap((one) => (one === undefined ? [] : [one.text.bytes.buffer])),
  ]);
}
