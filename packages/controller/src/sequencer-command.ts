/** What `tachograph-sequencer <command>` does instead of sequencing. */
import { createSettingsReader, SettingsError, type Environment } from '@tachograph/service';
import { openStore } from '@tachograph/store';
import { readSequencerSettings } from './settings.ts';
import { fail } from './start-process.ts';
import { rebuildTiles } from './tiles/rebuild-tiles.ts';

export interface CommandProcess {
  readonly component: string;
  readonly environment: Environment;
}

type Command = (environment: Environment, args: readonly string[]) => Promise<string>;

const commands: ReadonlyMap<string, Command> = new Map([['rebuild-tiles', rebuild]]);

/** Runs one command and returns; ends the process with 64 or 70 where it cannot. */
export async function runSequencerCommand(
  { component, environment }: CommandProcess,
  [name = '', ...args]: readonly string[],
  out: (text: string) => void,
): Promise<void> {
  try {
    const command = commands.get(name);
    if (command === undefined) throw new SettingsError('command', name, [...commands.keys()].join(', '));
    out(`${await command(environment, args)}\n`);
  } catch (error) {
    fail(component, error);
  }
}

/** `rebuild-tiles [--every-checkpoint]`: with the settings of the sequencer itself. */
async function rebuild(environment: Environment, args: readonly string[]): Promise<string> {
  const { bucket, tiles, storageEndpoint } = readSequencerSettings(createSettingsReader(environment));
  if (tiles === undefined) throw new SettingsError('TACHO_TILES', 'off', 'where tiles are published');
  const connection = storageEndpoint === undefined ? {} : { apiEndpoint: storageEndpoint };
  const { size, written } = await rebuildTiles({
    store: openStore(bucket, connection),
    tiles: openStore(tiles, connection),
    everyCheckpoint: args.includes('--every-checkpoint'),
  });
  return `tiles of ${size} leaves; ${written} objects written`;
}
