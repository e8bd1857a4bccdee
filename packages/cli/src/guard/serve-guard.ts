import { decodeUtf8 } from '@tachograph/protocol';
import type { GuardJob, GuardKind, Guards, Judgement } from '@tachograph/policy';
import type { CliContext } from '../cli-context.ts';
import { LineSplitter, type InputLine } from '../mask/line-splitter.ts';

const maxLineBytes = 16 * 1024 * 1024;

/** Answers each line in turn: a job in, `{"verdict", "reasons"}` or `{"error"}` out. A bad line ends nothing. */
export async function serveGuard(context: CliContext, guards: Guards): Promise<void> {
  const splitter = new LineSplitter(maxLineBytes);
  for await (const chunk of context.stdin()) {
    for (const line of splitter.push(chunk)) context.out(await answerTo(guards, line));
    await context.outReady();
  }
  for (const line of splitter.end()) context.out(await answerTo(guards, line));
}

async function answerTo(guards: Guards, line: InputLine): Promise<string> {
  if (line.kind === 'too_long') return toLine({ error: `line ${line.number}: longer than 16 MiB` });
  const job = parseJob(line.bytes);
  if (job === undefined) {
    return toLine({
      error: `line ${line.number}: expected one JSON object {"kind": "sql" or "shell", "text": "..."} in UTF-8`,
    });
  }
  const { verdict, reasons } = await judgeJob(guards, job);
  return toLine({ verdict, reasons });
}

/** Loads what the job needs, then judges it. */
export async function judgeJob(guards: Guards, job: GuardJob): Promise<Judgement> {
  await guards.prepare(job);
  return guards.judge(job);
}

function toLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function parseJob(bytes: Uint8Array): GuardJob | undefined {
  const json = decodeUtf8(bytes);
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? toJob(value) : undefined;
  } catch {
    return undefined;
  }
}

function toJob(value: {
  readonly kind?: unknown;
  readonly text?: unknown;
  readonly dialect?: unknown;
}): GuardJob | undefined {
  const { kind, text, dialect } = value;
  if (!isKind(kind) || !isText(text)) return undefined;
  if (dialect === undefined || dialect === null) return { kind, text };
  return typeof dialect === 'string' ? { kind, text, dialect } : undefined;
}

function isKind(value: unknown): value is GuardKind {
  return value === 'sql' || value === 'shell';
}

/** A text, or the words of one command. */
function isText(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((word) => typeof word === 'string'));
}
