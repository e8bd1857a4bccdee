import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectStore } from '@tachograph/store';
import type { Command } from 'commander';
import { openArchive } from '../archive/open-archive.ts';
import { readSessionKeys } from '../archive/sealed-body.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { isLoopback } from '../replay/loopback.ts';
import { createMcpSender } from '../replay/mcp-sender.ts';
import { type ReadSession, readSession, type SessionRecord } from '../replay/read-session.ts';
import { isShown, recordJson, recordText } from '../replay/record-text.ts';
import { type Rerun, rerunSession } from '../replay/rerun-session.ts';
import { safeText } from '../replay/safe-text.ts';
import { collectOption, parseSecondsOption, parseSpeedOption } from './option-parsers.ts';

interface ReplayOptions {
  readonly session: string;
  readonly endpoint?: string;
  readonly speed?: number;
  readonly all?: boolean;
  readonly against?: string;
  readonly yesSend?: boolean;
  readonly header?: readonly string[];
  readonly timeout: number;
  readonly sessionKeys?: string;
  readonly json?: boolean;
}

/** `tacho replay`: what was said, and with `--against` whether another server would say the same. */
export function addReplayCommand(program: Command, context: CliContext): void {
  program
    .command('replay')
    .description("Show a session's exact messages in order, or run its requests again elsewhere")
    .argument('[archive]', 'pulled directory, or gs://bucket[/prefix] (default: TACHO_BUCKET)')
    .requiredOption('--session <id>', 'the session')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--speed <factor>', 'wait between messages as recorded, so many times faster', parseSpeedOption)
    .option('--all', 'also records that are no messages: heartbeats, chunks, exchanges')
    .option('--against <url>', "send the client's messages to this MCP server, and compare its answers")
    .option('--yes-send', 'allow --against to leave this machine')
    .option('--header <name: value>', 'for --against; may be given several times', collectOption)
    .option('--timeout <duration>', 'for an answer of --against (30s, 5m)', parseSecondsOption, 30)
    .option('--session-keys <file>', 'opens sealed bodies (tacho keys get)')
    .option('--json', 'one JSON record a line; with --against one report')
    .addHelpText(
      'after',
      `
Nothing is verified here: tacho verify does that. Bodies are the recorded, masked ones; control and direction
characters in them are shown as \\u escapes.

With --against, requests are sent one after the other, beginning with the initialize that was recorded. What was denied
or held is not sent. What masking changed in a recorded answer is not compared, and in a request it is sent masked. What
the server itself asks of the client is not answered.

Exit codes: 0 shown, or every answer is the same; 1 an answer differs or fails; 2 nothing differs, but not all of the
session is in this copy; 3 no such session.

Examples:
  tacho replay case-42 --session 0193…
  tacho replay case-42 --session 0193… --speed 10
  tacho replay case-42 --session 0193… --json | jq -r 'select(.kind == "mcp.request").body'
  tacho replay case-42 --session 0193… --against http://127.0.0.1:3000/mcp`,
    )
    .action(async (archive: string | undefined, options: ReplayOptions) => replay(context, archive, options));
}

async function replay(context: CliContext, archive: string | undefined, options: ReplayOptions): Promise<void> {
  const target = options.against === undefined ? undefined : toTarget(options.against, options.yesSend === true);
  const { endpoint, session } = options;
  const { store } = openArchive(context, {
    ...(archive === undefined ? {} : { bucket: archive }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  if (target === undefined) return await show(context, store, options);
  return await runAgainst(context, {
    read: await readSession(store, session, await readSessionKeys(options.sessionKeys)),
    url: target,
    options,
  });
}

function toTarget(text: string, maySend: boolean): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CliError('usage', 'expected --against http(s)://host:port/path');
  }
  if (!isLoopback(url) && !maySend) {
    throw new CliError(
      'usage',
      `${url.host} is another machine: recorded messages are sent there only with --yes-send`,
    );
  }
  return url.href;
}

async function show(context: CliContext, store: ObjectStore, options: ReplayOptions): Promise<void> {
  const { summary, records, absent } = await readSession(
    store,
    options.session,
    await readSessionKeys(options.sessionKeys),
  );
  if (options.json !== true) {
    const who = summary.principal?.sub ?? '-';
    const head = `session ${summary.session}  ${summary.namespace}/${summary.workload}  ${who}  ${summary.closed}\n`;
    context.out(`${safeText(head.trimEnd())}\n\n`);
  }
  let beforeNs: number | undefined;
  for await (const one of records) {
    if (options.all !== true && options.json !== true && !isShown(one)) continue;
    if (options.speed !== undefined) await pause(beforeNs, one, options.speed);
    beforeNs = one.record.mono_ns;
    context.out(options.json === true ? `${recordJson(one)}\n` : `${recordText(one)}\n`);
    await context.outReady();
  }
  tellAbsent(context, absent());
}

const maxPauseMs = 3_600_000;

async function pause(beforeNs: number | undefined, { record }: SessionRecord, speed: number): Promise<void> {
  const ms = beforeNs === undefined ? 0 : (record.mono_ns - beforeNs) / 1e6 / speed;
  if (ms > 0) await delay(Math.min(ms, maxPauseMs));
}

function tellAbsent(context: CliContext, absent: number): void {
  if (absent === 0) return;
  context.err(`${absent} segments of the session are not in this copy\n`);
  context.exit(exitCodes.incomplete);
}

interface Against {
  readonly read: ReadSession;
  readonly url: string;
  readonly options: ReplayOptions;
}

async function runAgainst(context: CliContext, { read, url, options }: Against): Promise<void> {
  const records: SessionRecord[] = [];
  for await (const record of read.records) records.push(record);
  const headers = Object.fromEntries((options.header ?? []).map(toHeader));
  const sender = createMcpSender({ url, headers, timeoutMs: options.timeout * 1000, fetch });
  const results: Rerun[] = [];
  try {
    for await (const result of rerunSession(records, sender)) {
      results.push(result);
      if (options.json !== true) context.out(resultText(result));
    }
  } finally {
    await sender.close();
  }
  tellAbsent(context, read.absent());
  const counts = countsOf(results);
  if (counts.differs + counts.failed > 0) context.exit(exitCodes.tampered);
  if (options.json === true) return printJson(context, { session: options.session, against: url, counts, results });
  const { same, differs, failed, skipped, unrecorded, sent } = counts;
  const rest = `${sent} notifications sent, ${skipped} not sent, ${unrecorded} without a recorded answer`;
  context.out(`\n${same} answers are the same, ${differs} differ, ${failed} failed; ${rest}\n`);
}

function toHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*([\x20-\x7e]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new CliError('usage', 'expected --header "Name: value"');
  return [name.toLowerCase(), value];
}

function resultText(result: Rerun): string {
  const head = `${result.kind.padEnd(10)} #${result.seq}  ${result.what}`;
  if ('reason' in result) return `${safeText(`${head}  ${result.reason}`)}\n`;
  if (result.kind !== 'differs') return `${safeText(head)}\n`;
  const lines = result.differences.map(
    ({ path, before, after }) =>
      `  ${path}\n    recorded  ${before ?? '(absent)'}\n    now       ${after ?? '(absent)'}`,
  );
  return `${[head, ...lines].map((line) => line.split('\n').map(safeText).join('\n')).join('\n')}\n`;
}

function countsOf(results: readonly Rerun[]): Record<Rerun['kind'], number> {
  const counts = { same: 0, differs: 0, failed: 0, skipped: 0, unrecorded: 0, sent: 0 };
  for (const { kind } of results) counts[kind] += 1;
  return counts;
}
