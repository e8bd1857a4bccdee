import type { Command } from 'commander';
import { listSessions } from '../archive/list-sessions.ts';
import { type ArchiveOptions, openArchive } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { textTable } from '../text-table.ts';
import { parseTimeOption } from './option-parsers.ts';

interface SessionsOptions extends ArchiveOptions {
  readonly namespace?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly json?: boolean;
}

/** `tacho sessions`: what is recorded, newest last. */
export function addSessionsCommand(program: Command, context: CliContext): void {
  program
    .command('sessions')
    .description('List recorded sessions')
    .option('--bucket <address>', 'gs://bucket[/prefix] or a pulled directory (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--namespace <name>', 'only sessions of this namespace')
    .option('--subject <sub>', 'only sessions of this caller')
    .option(
      '--since <time>',
      'only sessions that ended at or after this time (RFC 3339 or YYYY-MM-DD)',
      parseTimeOption,
    )
    .option('--json', 'print {"sessions": [manifest, …]}')
    .addHelpText(
      'after',
      `
Examples:
  tacho sessions --bucket gs://my-recordings
  tacho sessions --bucket gs://my-recordings --namespace team-a --since 2026-11-01
  tacho sessions --bucket ./case-42 --subject alice --json`,
    )
    .action(async (options: SessionsOptions) => printSessions(context, options));
}

async function printSessions(context: CliContext, options: SessionsOptions): Promise<void> {
  const found = await listSessions(openArchive(context, options).store, options);
  if (options.json === true) {
    return printJson(context, { sessions: found.map(({ object, manifest }) => ({ ...manifest, object })) });
  }
  if (found.length === 0) return context.err('no sessions\n');
  const rows = found.map(({ manifest: it }) => [
    it.session,
    it.opened,
    `${it.namespace}/${it.workload}`,
    it.principal?.sub ?? '-',
    it.client?.name ?? '-',
    String(it.count),
    it.closed,
  ]);
  context.out(textTable([['SESSION', 'OPENED', 'WORKLOAD', 'SUBJECT', 'CLIENT', 'RECORDS', 'CLOSED'], ...rows]));
}
