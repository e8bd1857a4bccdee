import type { Command } from 'commander';
import { findSessions, type SessionSummary } from '../archive/find-sessions.ts';
import { type ArchiveOptions, openArchive } from '../archive/open-archive.ts';
import { readNamedObjects } from '../archive/read-leaves.ts';
import { holdObjects } from '../archive/select-objects.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { textTable } from '../text-table.ts';
import { parseTimeOption } from './option-parsers.ts';
import { addSessionFilters, type SelectionOptions, toSessionSelection } from './session-options.ts';

interface SessionsOptions extends ArchiveOptions, SelectionOptions {
  readonly since?: string;
  readonly open?: boolean;
  readonly json?: boolean;
}

/** `tacho sessions`: what is recorded, newest last. */
export function addSessionsCommand(program: Command, context: CliContext): void {
  const command = program
    .command('sessions')
    .description('List recorded sessions')
    .option('--bucket <address>', 'gs://bucket[/prefix] or a pulled directory (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)');
  addSessionFilters(command)
    .option('--since <time>', 'the same as --from', parseTimeOption)
    .option('--open', 'also sessions that have no manifest yet (reads the log and the records of open streams)')
    .option('--json', 'print {"sessions": [manifest, …]}')
    .addHelpText(
      'after',
      `
Filters may be combined, and all must fit; a session fits a time when it overlaps it.

Examples:
  tacho sessions --bucket gs://my-recordings
  tacho sessions --bucket gs://my-recordings --namespace team-a --from 2026-11-01 --to 2026-11-30
  tacho sessions --bucket gs://my-recordings --server team-a/files --tool delete_file --open
  tacho sessions --bucket ./case-42 --subject alice --json
  tacho sessions --bucket ./case-42 --subject-type workload --client ci-agent
  tacho sessions --bucket ./case-42 --group platform --server team-a/files`,
    )
    .action(async (options: SessionsOptions) => printSessions(context, options));
}

async function printSessions(context: CliContext, options: SessionsOptions): Promise<void> {
  const found = await find(context, options);
  if (options.json === true) return printJson(context, { sessions: found });
  if (found.length === 0) return context.err('no sessions\n');
  const rows = found.map((it) => [
    it.session,
    it.opened,
    `${it.namespace}/${it.workload}`,
    it.principal?.sub ?? '-',
    it.principal?.type ?? '-',
    it.client?.name ?? it.principal?.client_id ?? '-',
    String(it.count),
    it.closed,
  ]);
  context.out(
    textTable([['SESSION', 'OPENED', 'WORKLOAD', 'SUBJECT', 'TYPE', 'CLIENT', 'RECORDS', 'CLOSED'], ...rows]),
  );
}

async function find(context: CliContext, options: SessionsOptions): Promise<readonly SessionSummary[]> {
  const { store } = openArchive(context, options);
  const { hold } = options;
  const from = options.from ?? options.since;
  const query = toSessionSelection({ ...options, ...(from === undefined ? {} : { from }) });
  const named = hold === undefined && options.open !== true ? undefined : await readNamedObjects(store);
  if (hold === undefined) return await findSessions(store, query, named);
  const held = named === undefined ? undefined : holdObjects(named, hold);
  if (held === undefined) throw new CliError('not_found', `no hold ${hold} in this archive`);
  return await findSessions(store, { ...query, objects: new Set(held.keys()) }, undefined);
}
