import { holdList, holdProgress, type HoldProgress, type HoldView, type LeafSelection } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import type { ControllerClient } from '../controller/controller-client.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { textTable } from '../text-table.ts';
import { parseTimeOption } from './option-parsers.ts';

interface PlaceOptions extends ControllerOptions {
  readonly session?: string;
  readonly subject?: string;
  readonly server?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
  readonly json?: boolean;
}

interface HoldOptions extends ControllerOptions {
  readonly json?: boolean;
}

interface ReleaseOptions extends HoldOptions {
  readonly reason: string;
}

interface ListOptions extends HoldOptions {
  readonly all?: boolean;
}

const whoMay = `
For custodians only: the controller's TACHO_CUSTODIANS must name you or a group of yours. Each deed stands in the log with
your name and reason before it is done.
${controllerHelp}

Exit codes: 0 done; 1 refused; 3 nothing fits, or no such hold.`;

/** `tacho hold`: legal holds over what session manifests name. */
export function addHoldCommand(program: Command, context: CliContext): void {
  const hold = program.command('hold').description('Keep recordings beyond their retention');
  addPlace(hold, context);
  addList(hold, context);
  addRelease(hold, context);
  addApply(hold, context);
}

function addPlace(hold: Command, context: CliContext): void {
  withControllerOptions(hold.command('place'))
    .description('Hold everything that fits: manifests, segments and blobs')
    .option('--session <id>', 'one session')
    .option('--subject <name>', 'sessions of this caller')
    .option('--server <name>', 'a workload, or namespace/workload')
    .option('--namespace <name>', 'workloads of this namespace')
    .option('--from <time>', 'what had not ended by then', parseTimeOption)
    .option('--to <time>', 'what had begun before then', parseTimeOption)
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--json', 'print {"hold", "objects", "done", "absent"}')
    .addHelpText(
      'after',
      `
All that is given must fit. Held is what is recorded now: a session that goes on needs another hold when it has ended.
${whoMay}

Examples:
  tacho hold place --session 01930a5e-5a9e-7c3b-8f2e-0d6f0c1b2a39 --reason "case 4711"
  tacho hold place --subject alice --from 2026-11-01 --to 2026-12-01 --reason "case 4711"`,
    )
    .action(async ({ json, reason, ...options }: PlaceOptions) => {
      const client = await openController(context, options);
      const selection = toSelection(options);
      const first = await client.call(holdProgress, 'POST', '/v1/custody/holds', { selection, reason });
      report(context, await finish(client, first, 'apply', {}), { json, verb: 'held' });
    });
}

function toSelection({ session, subject, server, namespace, from, to }: Omit<PlaceOptions, 'reason'>): LeafSelection {
  const given = { session, subject, server, namespace, from, to };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Large holds take several calls; each says where the next begins. */
async function finish(
  client: ControllerClient,
  first: HoldProgress,
  verb: 'apply' | 'release',
  body: object,
): Promise<HoldProgress> {
  let { next, done, absent } = first;
  while (next !== undefined) {
    const path = `/v1/custody/holds/${encodeURIComponent(first.hold)}/${verb}`;
    const more = await client.call(holdProgress, 'POST', path, { ...body, from: next });
    done += more.done;
    absent += more.absent;
    // Always onwards, whatever the controller answers.
    next = more.next !== undefined && more.next > next ? more.next : undefined;
  }
  return { hold: first.hold, objects: first.objects, done, absent };
}

function report(
  context: CliContext,
  progress: HoldProgress,
  { json, verb }: { readonly json: boolean | undefined; readonly verb: string },
): void {
  if (json === true) return printJson(context, progress);
  const gone = progress.absent === 0 ? '' : `, ${progress.absent} are no longer there`;
  context.out(`${progress.hold} ${verb}: ${progress.done} of ${progress.objects} objects${gone}\n`);
}

function addList(hold: Command, context: CliContext): void {
  withControllerOptions(hold.command('list'))
    .description('List holds, newest first')
    .option('--all', 'released ones too')
    .option('--json', 'print {"holds": [hold, …]}')
    .addHelpText('after', `${whoMay}\n\nExamples:\n  tacho hold list\n  tacho hold list --all --json`)
    .action(async (options: ListOptions) => {
      const client = await openController(context, options);
      const { holds } = await client.call(holdList, 'GET', '/v1/custody/holds');
      const shown = holds.filter(({ released }) => options.all === true || released === undefined);
      if (options.json === true) return printJson(context, { holds: shown });
      if (shown.length === 0) return context.err('no holds\n');
      context.out(
        textTable([['HOLD', 'PLACED', 'BY', 'OBJECTS', 'SELECTION', 'STATE', 'REASON'], ...shown.map(toRow)]),
      );
    });
}

function toRow({ hold, at, by, objects, selection, released, reason }: HoldView): string[] {
  const fields = Object.entries(selection).map(([name, value]) => `${name}=${value}`);
  return [hold, at, by.sub, String(objects), fields.join(' '), released === undefined ? 'held' : 'released', reason];
}

function addRelease(hold: Command, context: CliContext): void {
  withControllerOptions(hold.command('release'))
    .description('Give up a hold; what another hold keeps stays held')
    .argument('<id>', 'of the hold')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--json', 'print {"hold", "objects", "done", "absent"}')
    .addHelpText(
      'after',
      `${whoMay}\n\nExamples:\n  tacho hold release 01930a5e-5a9e-7c3b-8f2e-0d6f0c1b2a39 --reason "case 4711 is settled"`,
    )
    .action(async (id: string, { json, reason, ...options }: ReleaseOptions) => {
      const client = await openController(context, options);
      const path = `/v1/custody/holds/${encodeURIComponent(id)}/release`;
      const first = await client.call(holdProgress, 'POST', path, { reason });
      report(context, await finish(client, first, 'release', { reason }), { json, verb: 'released' });
    });
}

function addApply(hold: Command, context: CliContext): void {
  withControllerOptions(hold.command('apply'))
    .description('Place again what a hold names: after an interruption, or when it was taken off the bucket by hand')
    .argument('<id>', 'of the hold')
    .option('--json', 'print {"hold", "objects", "done", "absent"}')
    .addHelpText('after', `${whoMay}\n\nExamples:\n  tacho hold apply 01930a5e-5a9e-7c3b-8f2e-0d6f0c1b2a39`)
    .action(async (id: string, { json, ...options }: HoldOptions) => {
      const client = await openController(context, options);
      const path = `/v1/custody/holds/${encodeURIComponent(id)}/apply`;
      const first = await client.call(holdProgress, 'POST', path, {});
      report(context, await finish(client, first, 'apply', {}), { json, verb: 'held' });
    });
}
