import { purgeAnswer, type PurgeAnswer } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { exitCodes } from '../cli-error.ts';
import type { ControllerClient } from '../controller/controller-client.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { parseTimeOption } from './option-parsers.ts';

interface PurgeOptions extends ControllerOptions {
  readonly before?: string;
  readonly dryRun?: boolean;
  readonly reason: string;
  readonly json?: boolean;
}

/** `tacho purge`: deletes what is out of retention, after the log has named it. */
export function addPurgeCommand(program: Command, context: CliContext): void {
  withControllerOptions(program.command('purge'))
    .description('Delete what is out of retention and under no hold; the log names it before')
    .option('--before <time>', 'only what was out of retention by then (default: now)', parseTimeOption)
    .option('--namespace <name>', 'only of this namespace')
    .option('--dry-run', 'say what would go, log and delete nothing')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--json', 'print the counts as JSON')
    .addHelpText(
      'after',
      `
Nothing that is held or retained can be purged, by nobody. Without this command the bucket's own lifecycle deletes some time
after retention (tacho bucket init --purge-grace), and then verification finds objects missing that no leaf explains: run
it more often than that.

For custodians only: the controller's TACHO_CUSTODIANS must name you or a group of yours.
${controllerHelp}

Exit codes: 0 done; 1 refused; 2 the bucket kept some of what the log names.

Examples:
  tacho purge --dry-run --reason "monthly"
  tacho purge --before 2026-11-01 --reason "monthly"`,
    )
    .action(async ({ json, ...options }: PurgeOptions) => {
      const total = await purgeAll(await openController(context, options), options);
      if (total.refused > 0) context.exit(exitCodes.incomplete);
      if (json === true) return printJson(context, total);
      context.out(textOf(total, options.dryRun === true));
    });
}

interface Total extends Omit<PurgeAnswer, 'purge'> {
  /** One for each call: a call deletes only so much. */
  readonly purges: readonly string[];
}

async function purgeAll(client: ControllerClient, { before, namespace, dryRun, reason }: PurgeOptions): Promise<Total> {
  const asked = Object.entries({ before, namespace, dryRun, reason }).filter(([, value]) => value !== undefined);
  const purges: string[] = [];
  let sums = { objects: 0, deleted: 0, refused: 0 };
  for (;;) {
    const { purge, ...answer } = await client.call(
      purgeAnswer,
      'POST',
      '/v1/custody/purges',
      Object.fromEntries(asked),
    );
    if (purge !== undefined) purges.push(purge);
    const { objects, deleted, refused } = answer;
    sums = { objects: sums.objects + objects, deleted: sums.deleted + deleted, refused: sums.refused + refused };
    // Without progress another round would find the same again.
    if (!answer.more || deleted === 0) return { ...answer, ...sums, purges };
  }
}

function textOf(
  { objects, deleted, refused, held, retained, unretained, more, purges }: Total,
  dryRun: boolean,
): string {
  const done = dryRun
    ? `${objects}${more ? ' or more' : ''} objects are out of retention`
    : `${deleted} objects deleted${purges.length === 0 ? '' : `, named by purge ${purges.join(', ')}`}`;
  const lines = [
    done,
    ...(refused === 0 ? [] : [`${refused} objects are named and were kept by the bucket`]),
    `left alone: ${held} held, ${retained} within retention${unretained === 0 ? '' : `, ${unretained} without any retention (TACHO_RETENTION)`}`,
  ];
  return `${lines.join('\n')}\n`;
}
