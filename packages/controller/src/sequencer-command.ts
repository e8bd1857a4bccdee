/** What `tachograph-sequencer <command>` does instead of sequencing. */
import { verifyCheckpoint } from '@tachograph/archive';
import { createSettingsReader, SettingsError, type Environment } from '@tachograph/service';
import { openStore, type ObjectStore } from '@tachograph/store';
import { ControllerError } from './controller-error.ts';
import { addLogKey, dropOldKey, loadLogKeys } from './keys/log-keys.ts';
import { nodeCrypto } from './keys/node-crypto.ts';
import { openRemoteKeys } from './keys/remote-keys.ts';
import type { LogKey } from './sequencer/log-key.ts';
import { readSequencerSettings, type SequencerSettings } from './settings.ts';
import { fail, openWorld } from './start-process.ts';
import { rebuildTiles } from './tiles/rebuild-tiles.ts';
import type { World } from './world.ts';

export interface CommandProcess {
  readonly component: string;
  readonly environment: Environment;
}

type Command = (environment: Environment, args: readonly string[]) => Promise<string>;

const commands: ReadonlyMap<string, Command> = new Map([
  ['rebuild-tiles', rebuild],
  ['rotate-key', rotateKey],
]);

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

/** `rotate-key`: adds a key; `rotate-key --finish`: forgets the old one, once the log is signed by the new. */
async function rotateKey(environment: Environment, args: readonly string[]): Promise<string> {
  const settings = readSequencerSettings(createSettingsReader(environment));
  const world = await openWorld(settings);
  try {
    return args.includes('--finish') ? await finishRotation(settings, world) : await beginRotation(settings, world);
  } finally {
    await world.close();
  }
}

async function beginRotation({ cluster }: SequencerSettings, world: World): Promise<string> {
  const { vkey, signing } = await addLogKey({ secrets: world.secrets, cluster });
  return `new log key ${signing.keyId}\n${vkey}\nThe leading sequencer names it in the log within a minute; both keys sign checkpoints until rotate-key --finish.`;
}

async function finishRotation(settings: SequencerSettings, world: World): Promise<string> {
  const { cluster, bucket, storageEndpoint } = settings;
  const remote = await openRemoteKeys(settings);
  const keys = await loadLogKeys({ secrets: world.secrets, cluster, remote });
  const newest = keys.current().at(-1);
  const store = openStore(bucket, storageEndpoint === undefined ? {} : { apiEndpoint: storageEndpoint });
  if (newest === undefined || !(await signsNow(store, newest))) {
    throw new ControllerError('bad_request', 'the newest checkpoint is not signed by the new key yet: try again');
  }
  await dropOldKey({ secrets: world.secrets, cluster }, newest);
  return `log key ${newest.signing.keyId} alone signs from now on`;
}

async function signsNow(store: ObjectStore, { note }: LogKey): Promise<boolean> {
  let newest: string | undefined;
  for await (const { name } of store.list('v1/log/checkpoint/')) newest = name;
  const bytes = newest === undefined ? undefined : await store.get(newest);
  return verifyCheckpoint(nodeCrypto, Buffer.from(bytes ?? []).toString('utf8'), [note]) !== undefined;
}
