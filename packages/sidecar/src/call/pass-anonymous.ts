/** CORS preflights and declared health checks: nobody is asked who they are, so they are counted, not recorded one by one. */
import type { IncomingMessage } from 'node:http';
import { decodeUtf8 } from '@tachograph/protocol';
import { collectAnswer, decodeAnswer, type AnswerBody } from './answer-body.ts';
import { sendHead } from './answer-head.ts';
import { sendRefusal } from './answer.ts';
import { sourceOf, type Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { maskPlain } from './mask.ts';
import type { CallContext, PolicyInForce } from './ports.ts';

/** A health page is short; more than this is something else. */
const maxAnswerBytes = 64 * 1024;

export function passAnonymous(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  why: 'preflight' | 'health',
): void {
  if (why === 'health') context.tally.add('health');
  context.refusals.count({ source: sourceOf(exchange.req), reason: `passed_${why}`, origin: exchange.entry.origin });
  forward(context, exchange, {
    withoutCredential: true,
    onAnswer: (answer) =>
      collectAnswer(answer, maxAnswerBytes, (body) => {
        exchange.ended = true;
        release(exchange, policy, answer, body).catch(() => exchange.res.destroy());
      }),
  });
}

async function release(
  { res }: Exchange,
  { masker }: PolicyInForce,
  answer: IncomingMessage,
  body: AnswerBody,
): Promise<void> {
  const text = body.kind === 'complete' ? textOf(body, (bytes) => decodeAnswer(answer, bytes)) : undefined;
  const copy = text === undefined ? undefined : await maskPlain(masker, text);
  if (text === undefined || copy === undefined || copy.kind === 'refused') return sendRefusal(res, 'upstream');
  const out = Buffer.from(copy.client ?? text);
  sendHead(res, answer, out.length === 0 ? {} : { length: out.length, decoded: true });
  res.end(out);
  return undefined;
}

function textOf(
  body: Extract<AnswerBody, { kind: 'complete' }>,
  decode: (bytes: Buffer) => Buffer | undefined,
): string | undefined {
  const bytes = decode(body.bytes);
  return bytes === undefined ? undefined : decodeUtf8(bytes);
}
