import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PullSelection } from '@tachograph/archive';
import { createDirectoryStore } from '@tachograph/store';
import type { Command } from 'commander';
import type { Fetched } from '../archive/download.ts';
import { type ArchiveOptions, openArchive } from '../archive/open-archive.ts';
import { pullArchive } from '../archive/pull-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { createProgressBar } from '../progress-bar.ts';
import { printable } from '../text-table.ts';
import { parseDayOption, parseParallelOption } from './option-parsers.ts';

interface PullOptions extends ArchiveOptions {
  readonly session?: string;
  readonly all?: boolean;
  readonly namespace?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out: string;
  readonly parallel: number;
  readonly json?: boolean;
}

/** `tacho pull`: recordings into a directory that `tacho verify` proves without network. */
export function addPullCommand(program: Command, context: CliContext): void {
  program
    .command('pull')
    .description('Download recordings, with the whole log, for offline verification')
    .option('--bucket <address>', 'gs://bucket[/prefix] or a directory (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--session <id>', 'one session')
    .option('--all', 'everything')
    .option('--namespace <name>', 'one namespace')
    .option('--from <day>', 'from this day on (YYYY-MM-DD)', parseDayOption)
    .option('--to <day>', 'up to this day, included', parseDayOption)
    .requiredOption('--out <dir>', 'directory; a pull that was interrupted goes on where it stopped')
    .option('--parallel <n>', 'downloads at a time', parseParallelOption, 16)
    .option('--json', 'print counts as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 pulled; 1 an object is not what the log names (it is kept, verify names the line); 3 an object is absent.

Examples:
  tacho pull --bucket gs://my-recordings --session 0193… --out case-42
  tacho pull --bucket gs://my-recordings --namespace team-a --from 2026-11-01 --to 2026-11-30 --out november
  tacho pull --bucket gs://my-recordings --all --out everything`,
    )
    .action(async (options: PullOptions) => pull(context, options));
}

interface PullCounts {
  fetched: number;
  kept: number;
  differs: number;
  absent: number;
  bytes: number;
}

async function pull(context: CliContext, options: PullOptions): Promise<void> {
  const selection = toSelection(options);
  const { store } = openArchive(context, options);
  const counts: PullCounts = { fetched: 0, kept: 0, differs: 0, absent: 0, bytes: 0 };
  const bar = createProgressBar(context);
  let total = 0;
  try {
    await pullArchive({
      from: store,
      to: createDirectoryStore(options.out),
      selection,
      concurrency: options.parallel,
      onPlanned: (planned) => {
        total = planned;
      },
      onFetched: (fetched) => {
        count(context, counts, fetched);
        bar.update(counts.fetched + counts.kept + counts.differs + counts.absent, total, 'pull');
      },
    });
  } finally {
    bar.stop();
    await removeScratch(options.out);
  }
  finish(context, options, counts);
}

/** The directory store's place for files that are not yet objects; it stays when a download is under way there. */
async function removeScratch(dir: string): Promise<void> {
  await rmdir(join(dir, '.tachograph-pending')).catch(() => undefined);
}

function toSelection({ session, all, namespace, from, to }: PullOptions): PullSelection {
  const period = namespace !== undefined || from !== undefined || to !== undefined;
  if (Number(session !== undefined) + Number(all === true) + Number(period) !== 1) {
    throw new CliError('usage', 'expected one of --session ID, --all, or --namespace with --from and --to');
  }
  if (session !== undefined) return { kind: 'session', session };
  if (all === true) return { kind: 'all' };
  return {
    kind: 'period',
    ...(namespace === undefined ? {} : { namespace }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

function count(context: CliContext, counts: PullCounts, fetched: Fetched): void {
  counts[fetched.kind] += 1;
  if ('size' in fetched) counts.bytes += fetched.size;
  if (fetched.kind === 'differs') context.err(`differs from the log: ${printable(fetched.name)}\n`);
  if (fetched.kind === 'absent') context.err(`absent: ${printable(fetched.name)}\n`);
}

function finish(context: CliContext, options: PullOptions, counts: PullCounts): void {
  if (counts.differs > 0) context.exit(exitCodes.tampered);
  else if (counts.absent > 0) context.exit(exitCodes.missing);
  if (options.json === true) return printJson(context, { out: options.out, ...counts });
  const faults = counts.differs + counts.absent > 0 ? `, ${counts.differs} differ, ${counts.absent} absent` : '';
  const objects = counts.fetched + counts.kept;
  context.out(`${objects} objects, ${counts.bytes} bytes in ${options.out} (${counts.kept} were there${faults})\n`);
}
