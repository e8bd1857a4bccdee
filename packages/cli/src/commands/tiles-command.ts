import { ArchiveError, createTileFollower } from '@tachograph/archive';
import { openStore, parseStoreUrl } from '@tachograph/store';
import type { Command } from 'commander';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { endpointOf, openArchive } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';

interface TilesOptions {
  readonly from?: string;
  readonly to: string;
  readonly endpoint?: string;
  readonly everyCheckpoint?: boolean;
  readonly json?: boolean;
}

/** `tacho tiles`: the log as other transparency-log clients read it. */
export function addTilesCommand(program: Command, context: CliContext): void {
  program
    .command('tiles')
    .description('Derive C2SP tlog-tiles from an archive: byte for byte those that its sequencer published')
    .requiredOption('--to <address>', 'a directory, or gs://bucket[/prefix]')
    .option('--from <address>', 'the archive: gs://bucket[/prefix] or a pulled directory (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--every-checkpoint', 'also the partial tiles of every checkpoint before the newest')
    .option('--json', 'print {"size", "written"}')
    .addHelpText(
      'after',
      `
Only batches and checkpoints are read; nothing is verified but that the leaves have the roots of the checkpoints.
A directory that already has tiles is brought up to date.

Exit codes: 0 written; 1 the leaves do not have a checkpoint's root; 3 the archive has no checkpoint; 64 usage.

Examples:
  tacho tiles --from gs://my-recordings --to ./tiles
  tacho tiles --from ./case-42 --to ./tiles && fsck --storage_url=file://$PWD/tiles/ …`,
    )
    .action(async (options: TilesOptions) => writeTiles(context, options));
}

async function writeTiles(context: CliContext, options: TilesOptions): Promise<void> {
  const { from, to, endpoint } = options;
  const archive = openArchive(context, {
    ...(from === undefined ? {} : { bucket: from }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  parseStoreUrl(to);
  const tiles = openStore(to, { apiEndpoint: endpointOf(context, endpoint) });
  const follower = createTileFollower({
    crypto: nodeCrypto,
    source: archive.store,
    sink: tiles,
    everyCheckpoint: options.everyCheckpoint === true,
    onConflict: (name) => context.err(`${name} held other bytes and was replaced\n`),
  });
  const { size, written } = await follower.run().catch((error: unknown) => {
    if (error instanceof ArchiveError && error.code === 'bad_tree') throw new CliError('refused', error.message);
    throw error;
  });
  if (size === 0) throw new CliError('not_found', `no checkpoint in ${archive.address}`);
  if (options.json === true) printJson(context, { size, written });
  else context.out(`tiles of ${size} leaves; ${written} objects written\n`);
}
