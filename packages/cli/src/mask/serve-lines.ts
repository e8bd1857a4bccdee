import { decodeUtf8 } from '@tachograph/protocol';
import { LineSplitter, type InputLine } from './line-splitter.ts';
import { atPoint, refusalText, type MaskNote, type MaskRun, type PointResult } from './mask-run.ts';

/** A text of 16 MiB, every character of it escaped. */
const maxLineBytes = 64 * 1024 * 1024;

/** Answers each line in turn: `{"text"}` in, `{"text", "findings"}` or `{"error"}` out. A bad line ends nothing. */
export async function serveLines(run: MaskRun): Promise<void> {
  const splitter = new LineSplitter(maxLineBytes);
  for await (const chunk of run.input) {
    for (const line of splitter.push(chunk)) run.out(answerTo(run, line));
    await run.outReady();
  }
  for (const line of splitter.end()) run.out(answerTo(run, line));
}

function answerTo(run: MaskRun, line: InputLine): string {
  const text = line.kind === 'line' ? textOf(line.bytes) : undefined;
  if (text === undefined) return error(`line ${line.number}: ${expectation(line)}`);
  const result = atPoint(run, text, () => run.masker.maskText(text));
  const note = noteOf(line.number, result);
  if (note !== undefined) run.note(note);
  if (result.kind === 'refused') return error(`line ${line.number}: ${refusalText(result.reason)}`);
  const findings = result.hits === 0 ? [] : run.masker.findText(text, run.point);
  return `${JSON.stringify({ text: result.text, findings: findings.map(({ rule, start, end }) => ({ rule, start, end })) })}\n`;
}

/** What a result says in the report; nothing where nothing was found. */
export function noteOf(line: number, result: PointResult): MaskNote | undefined {
  if (result.kind === 'refused') return { kind: 'refused', line, reason: result.reason };
  return result.hits === 0 ? undefined : { kind: 'masked', line, spans: result.spans };
}

function error(message: string): string {
  return `${JSON.stringify({ error: message })}\n`;
}

function expectation(line: InputLine): string {
  return line.kind === 'too_long' ? 'longer than 64 MiB' : 'expected one JSON object {"text": "..."} in UTF-8';
}

function textOf(bytes: Buffer): string | undefined {
  const json = decodeUtf8(bytes);
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    const text = typeof value === 'object' && value !== null && 'text' in value ? value.text : undefined;
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
