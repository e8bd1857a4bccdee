import { maskLimits } from '@tachograph/masking';
import { decodeUtf8, parseJson, parseStrictJson } from '@tachograph/protocol';
import { LineSplitter, type InputLine } from './line-splitter.ts';
import { MessageTools } from './message-tools.ts';
import { atPoint, type InputRefusal, type MaskRun, type PointResult } from './mask-run.ts';

/** What became of one line. `blank`: nothing to mask, and no message. */
export type MessageLine = { readonly number: number; readonly ended: boolean } & (PointResult | { kind: 'blank' });

/** Masks JSON-RPC messages, one a line, as they come. */
export async function* maskMessages(run: MaskRun): AsyncGenerator<MessageLine> {
  const splitter = new LineSplitter(maskLimits.maxLength);
  const tools = new MessageTools();
  for await (const chunk of run.input) {
    for (const line of splitter.push(chunk)) yield maskLine(run, tools, line);
  }
  for (const line of splitter.end()) yield maskLine(run, tools, line);
}

function maskLine(run: MaskRun, tools: MessageTools, line: InputLine): MessageLine {
  const { number } = line;
  if (line.kind === 'too_long') return { number, ended: true, kind: 'refused', reason: 'too_large' };
  const { ended, bytes } = line;
  if (bytes.length === 0) return { number, ended, kind: 'blank' };
  const text = decodeUtf8(bytes);
  if (text === undefined) return { number, ended, kind: 'refused', reason: 'not_utf8' };
  const read = readMessage(bytes, text);
  if (read.kind === 'refused') return { number, ended, ...read };
  const context = tools.contextOf(read.value);
  return { number, ended, ...atPoint(run, text, () => run.masker.maskJson(text, context)) };
}

/**
 * A request that two readers would understand differently is refused, as in the sidecar; in an answer every duplicate
 * is masked by itself (`contracts.md`, Bytes). What else is wrong with a line, the masker says.
 */
function readMessage(
  bytes: Buffer,
  text: string,
): { readonly kind: 'read'; readonly value: unknown } | { readonly kind: 'refused'; readonly reason: InputRefusal } {
  const strict = parseStrictJson(bytes);
  if (strict.kind === 'parsed') return { kind: 'read', value: strict.value };
  if (strict.reason !== 'duplicate_key') return { kind: 'read', value: undefined };
  // The scan stops at the first duplicate key: what follows may be no JSON.
  const value = parseJson(text);
  return asksSomething(value) ? { kind: 'refused', reason: 'duplicate_key' } : { kind: 'read', value };
}

function asksSomething(value: unknown): boolean {
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  return messages.some((message) => typeof message === 'object' && message !== null && 'method' in message);
}
