import type { Command } from 'commander';
import type { Fetched } from '../archive/download.ts';
import { type ArchiveOptions, openArchive } from '../archive/open-archive.ts';
import { pullArchive } from '../archive/pull-archive.ts';
import { openPullTarget } from '../archive/pull-target.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { exitCodes } from '../cli-error.ts';
import { createProgressBar } from '../progress-bar.ts';
import { printable } from '../text-table.ts';
import { parseParallelOption } from './option-parsers.ts';
import { addSessionFilters, type SelectionOptions, toPullSelection } from './session-options.ts';

interface PullOptions extends ArchiveOptions, SelectionOptions {
  readonly out: string;
  readonly parallel: number;
  readonly json?: boolean;
}

/** `tacho pull`: recordings into a directory that `tacho verify` proves without network. */
export function addPullCommand(program: Command, context: CliContext): void {
  const command = program
    .command('pull')
    .description('Download recordings, with the whole log, for offline verification')
    .option('--bucket <address>', 'gs://bucket[/prefix] or a directory (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--session <id>', 'one session, closed or still open')
    .option('--all', 'everything');
  addSessionFilters(command)
    .requiredOption('--out <dir>', 'directory; a pull that was interrupted goes on where it stopped')
    .option(
      '--parallel <n>',
      'downloads at a time; of the small objects of the log four times as many',
      parseParallelOption,
      16,
    )
    .option('--json', 'print counts as JSON')
    .addHelpText(
      'after',
      `
Filters may be combined, and all must fit. --subject, --server and --tool choose sessions, open ones too; --namespace,
--from and --to alone take everything of those days. The log and the keys always come whole. Segments are shared: a
pulled one also holds what the same recorder recorded of others meanwhile.

Each object is compared with the SHA-256 that the log names, else with size and CRC-32C. A file has its name only when
it is whole, so that a killed pull can be repeated.

Exit codes: 0 pulled; 1 an object is not what the log names (it is kept, verify names the line), or its name leads
outside of the directory; 3 an object, session or hold is absent; 64 the directory holds something else.

Examples:
  tacho pull --bucket gs://my-recordings --session 0193… --out case-42
  tacho pull --bucket gs://my-recordings --subject alice --server team-a/files --from 2026-11-01 --out alice
  tacho pull --bucket gs://my-recordings --tool delete_file --from 2026-11-21T08:00:00Z --out deletions
  tacho pull --bucket gs://my-recordings --namespace team-a --from 2026-11-01 --to 2026-11-30 --out november
  tacho pull --bucket gs://my-recordings --hold 0193… --out litigation
  tacho pull --bucket gs://my-recordings --all --out everything`,
    )
    .action(async (options: PullOptions) => pull(context, options));
}

interface PullCounts {
  fetched: number;
  kept: number;
  differs: number;
  absent: number;
  refused: number;
  bytes: number;
}

async function pull(context: CliContext, options: PullOptions): Promise<void> {
  const selection = toPullSelection(options);
  const { store } = openArchive(context, options);
  const target = await openPullTarget(options.out);
  const counts: PullCounts = { fetched: 0, kept: 0, differs: 0, absent: 0, refused: 0, bytes: 0 };
  const bar = createProgressBar(context);
  let total = 0;
  let done = 0;
  try {
    const { sessions } = await pullArchive({
      from: store,
      to: target,
      selection,
      concurrency: options.parallel,
      onPlanned: (planned) => {
        total = planned;
      },
      onFetched: (fetched) => {
        count(context, counts, fetched);
        done += 1;
        bar.update(done, total, `pull ${(counts.bytes / 1e6).toFixed(1)} MB`);
      },
    });
    finish(context, options, { ...counts, ...(sessions === undefined ? {} : { sessions: sessions.length }) });
  } finally {
    bar.stop();
    await target.close();
  }
}

const faultTexts: Partial<Readonly<Record<Fetched['kind'], string>>> = {
  differs: 'differs from the log',
  absent: 'absent',
  refused: 'not written, the name leads outside of the directory',
};

function count(context: CliContext, counts: PullCounts, fetched: Fetched): void {
  counts[fetched.kind] += 1;
  if ('size' in fetched) counts.bytes += fetched.size;
  const fault = faultTexts[fetched.kind];
  if (fault !== undefined) context.err(`${fault}: ${printable(fetched.name)}\n`);
}

function finish(context: CliContext, options: PullOptions, counts: PullCounts & { readonly sessions?: number }): void {
  const { fetched, kept, differs, absent, refused, sessions } = counts;
  if (differs + refused > 0) context.exit(exitCodes.tampered);
  else if (absent > 0) context.exit(exitCodes.missing);
  if (options.json === true) return printJson(context, { out: options.out, ...counts });
  const faults = differs + absent + refused > 0 ? `, ${differs} differ, ${absent} absent, ${refused} refused` : '';
  const of = sessions === undefined ? '' : ` of ${sessions} sessions`;
  const there = `(${kept} were there${faults})`;
  context.out(`${fetched + kept} objects${of}, ${counts.bytes} bytes in ${options.out} ${there}\n`);
}
