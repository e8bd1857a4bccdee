/** Bodies that are too long to be parsed while other calls wait: the masking thread reads them. */
import type { IncomingMessage } from 'node:http';
import { LongBytes } from '../masking/long-bytes.ts';
import { longMessage } from '../masking/long-message.ts';
import type { MaskRefusal } from '../masking/mask-outcome.ts';
import type { Exchange } from './exchange.ts';
import { hidingEncoding, opensLikeJson, parseBody, type ParsedBody, type ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';

/** As `ParsedBody`; `long`: one message, still in its bytes. `bytes`: the body's, wherever they are now. */
export type ReadBody =
  | (ParsedBody & { readonly bytes: Buffer })
  | { readonly kind: 'long'; readonly body: LongBytes; readonly parsed: ParsedMessage }
  | { readonly kind: 'unread'; readonly reason: MaskRefusal };

export function isLongBody(bytes: Buffer, req: IncomingMessage): boolean {
  return bytes.length > longMessage && hidingEncoding(req) === undefined && opensLikeJson(bytes);
}

/** A batch is read here, on the call's thread: each of its messages is masked for itself. */
export async function readLongBody(
  { recorder }: CallContext,
  { req, res }: Exchange,
  { masker, judgedArguments, guards }: PolicyInForce,
  bytes: Buffer,
): Promise<ReadBody> {
  const body = new LongBytes(bytes, await recorder.digestInTurns(bytes));
  const wants = { judged: judgedArguments, isGuarded: guards !== undefined };
  const read = await masker.readRequest(body, wants, () => !res.destroyed);
  if (read.kind === 'refused') return { kind: 'unread', reason: read.reason };
  if (read.content === 'message') return { kind: 'long', body, parsed: toParsed(body, read) };
  const own = { bytes: body.buffer };
  if (read.content === 'refused') return { kind: 'refused', reason: read.reason, detail: read.detail, ...own };
  return read.content === 'other' ? { kind: 'other', ...own } : { ...parseBody(own.bytes, req), ...own };
}

function toParsed(body: LongBytes, { message, judged }: Pick<ParsedMessage, 'message' | 'judged'>): ParsedMessage {
  return { message, text: () => body.text(), ...(judged === undefined ? {} : { judged }) };
}
