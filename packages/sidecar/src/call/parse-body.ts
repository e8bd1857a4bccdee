/** Step 2, second half: read the body once, parse it once. What is forwarded later are the bytes that were parsed. */
import type { IncomingMessage } from 'node:http';
import {
  elementSpans,
  jsonRefusalText,
  jsonRpcRefusalText,
  parseJsonRpcBody,
  parseStrictJson,
  type JsonRpcMessage,
} from '@tachograph/protocol';
import { longMessage } from '../masking/long-message.ts';
import type { LazyText } from '../masking/long-bytes.ts';
import type { JudgedArguments } from '../masking/long-request.ts';
import type { Seat } from './answer-room.ts';
import { ByteCollector } from './byte-collector.ts';
import type { RefusalName } from './refusals.ts';

export type CollectedBody =
  | { readonly kind: 'collected'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly reason: 'too_large' }
  /** The client left before it had sent everything. */
  | { readonly kind: 'aborted' }
  /** Too long to hold and no JSON: `head` is what has been read; the rest waits in the request. */
  | { readonly kind: 'streaming'; readonly head: Buffer };

export interface BodyLimits {
  readonly maxBytes: number;
  /** A body that is no JSON need not be held beyond this. */
  readonly streamFromBytes?: number;
}

/** Reads the whole body. `enter` gives a long one its seat among those that are read side by side. */
export async function collectBody(
  req: IncomingMessage,
  limits: BodyLimits,
  enter?: () => Pick<Seat, 'take'>,
): Promise<CollectedBody> {
  const { maxBytes, streamFromBytes = Number.POSITIVE_INFINITY } = limits;
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > maxBytes && streamFromBytes > maxBytes) return { kind: 'refused', reason: 'too_large' };
  return new Promise((resolve) => {
    const bytes = new ByteCollector();
    let seat: Pick<Seat, 'take'> | undefined;
    const settle = (body: CollectedBody): void => {
      req.off('data', take);
      req.off('end', end);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      bytes.add(chunk);
      const { length } = bytes;
      if (length > streamFromBytes && !opensLikeJson(bytes.first ?? chunk)) {
        req.pause();
        return settle({ kind: 'streaming', head: bytes.take() });
      }
      if (length > maxBytes) return settle({ kind: 'refused', reason: 'too_large' });
      if (length <= longMessage || enter === undefined) return undefined;
      if (seat !== undefined) return seat.take(chunk.length);
      seat = enter();
      return seat.take(length);
    };
    const end = (): void => settle({ kind: 'collected', bytes: bytes.take() });
    req.on('data', take);
    req.once('end', end);
    req.once('close', () => settle({ kind: 'aborted' }));
    req.once('error', () => settle({ kind: 'aborted' }));
  });
}

/** One message with its own text. */
export interface ParsedMessage {
  /** Of a long one only what judging and routing need. */
  readonly message: JsonRpcMessage;
  readonly text: LazyText;
  /** The arguments that conditions read, where they have been read already. */
  readonly judged?: JudgedArguments | undefined;
}

export type ParsedBody =
  | {
      readonly kind: 'mcp';
      readonly messages: readonly ParsedMessage[];
      readonly text: string;
      readonly batch: boolean;
    }
  /** No JSON-RPC: only a listed path may carry it. */
  | { readonly kind: 'other' }
  | { readonly kind: 'refused'; readonly reason: RefusalName; readonly detail?: string };

/**
 * Judges every body that could be read as JSON-RPC, whatever its path or content type. Bytes that open like JSON must
 * parse strictly; a compressed or transcoded body may hide JSON, and is refused.
 */
export function parseBody(bytes: Buffer, req: IncomingMessage): ParsedBody {
  const hidden = hidingEncoding(req);
  if (hidden !== undefined) return { kind: 'refused', reason: hidden };
  if (!opensLikeJson(bytes)) return { kind: 'other' };
  const json = parseStrictJson(bytes);
  if (json.kind === 'refused') return { kind: 'refused', reason: 'json', detail: jsonRefusalText[json.reason] };
  const body = parseJsonRpcBody(json.value);
  if (body.kind === 'other') return body;
  if (body.kind === 'refused') return { kind: 'refused', reason: 'jsonrpc', detail: jsonRpcRefusalText[body.reason] };
  return { kind: 'mcp', batch: body.batch, text: json.text, messages: withTexts(body.messages, json.text, body.batch) };
}

/** An encoding under which the bytes could be JSON that is not seen. */
export function hidingEncoding({ headers }: IncomingMessage): 'content_encoding' | 'charset' | undefined {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return 'content_encoding';
  return isUtf8Charset(headers['content-type']) ? undefined : 'charset';
}

function withTexts(messages: readonly JsonRpcMessage[], text: string, batch: boolean): readonly ParsedMessage[] {
  const spans = batch ? elementSpans(text) : undefined;
  return messages.map((message, index) => {
    const span = spans?.[index];
    return { message, text: span === undefined ? text : text.slice(...span).trim() };
  });
}

function isUtf8Charset(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

/** Whether a JSON reader could find an object or array here: after white space, and a byte order mark that some skip. */
export function opensLikeJson(bytes: Buffer): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (isJsonSpace(bytes[at])) at += 1;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
}

function isJsonSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
