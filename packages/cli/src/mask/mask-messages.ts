import { maskLimits } from '@tachograph/masking';
import { decodeUtf8, parseStrictJson } from '@tachograph/protocol';
import { LineSplitter, type InputLine } from './line-splitter.ts';
import { atPoint, type InputRefusal, type MaskRun, type PointResult } from './mask-run.ts';

/** What became of one line. `blank`: nothing to mask, and no message. */
export type MessageLine = { readonly number: number; readonly ended: boolean } & (PointResult | { kind: 'blank' });

/** Masks JSON-RPC messages, one a line, as they come. */
export async function* maskMessages(run: MaskRun): AsyncGenerator<MessageLine> {
  const splitter = new LineSplitter(maskLimits.maxLength);
  for await (const chunk of run.input) {
    for (const line of splitter.push(chunk)) yield maskLine(run, line);
  }
  for (const line of splitter.end()) yield maskLine(run, line);
}

function maskLine(run: MaskRun, line: InputLine): MessageLine {
  const { number } = line;
  if (line.kind === 'too_long') return { number, ended: true, kind: 'refused', reason: 'too_large' };
  const { ended, bytes } = line;
  if (bytes.length === 0) return { number, ended, kind: 'blank' };
  const text = decodeUtf8(bytes);
  if (text === undefined) return { number, ended, kind: 'refused', reason: 'not_utf8' };
  const reason = ambiguity(bytes);
  if (reason !== undefined) return { number, ended, kind: 'refused', reason };
  return { number, ended, ...atPoint(run, text, () => run.masker.maskJson(text)) };
}

/**
 * A request that two readers would understand differently is refused, as in the sidecar; in an answer every duplicate
 * is masked by itself (`contracts.md`, Bytes). What else is wrong with a line, the masker says.
 */
function ambiguity(bytes: Buffer): InputRefusal | undefined {
  const strict = parseStrictJson(bytes);
  if (strict.kind === 'parsed' || strict.reason !== 'duplicate_key') return undefined;
  return asksSomething(bytes) ? 'duplicate_key' : undefined;
}

function asksSomething(bytes: Buffer): boolean {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  return messages.some((message) => typeof message === 'object' && message !== null && 'method' in message);
}
