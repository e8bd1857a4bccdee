/** What both programs do around their app: settings, log, signals, exit codes. */
import {
  createLogger,
  createMetrics,
  createSettingsReader,
  createShutdown,
  describeError,
  exitOnSignals,
  SettingsError,
  silentLogger,
  systemClock,
  type Clock,
  type Environment,
  type Logger,
  type Metrics,
  type SettingsReader,
} from '@tachograph/service';
import { openStore, type ObjectStore } from '@tachograph/store';
import { createKubeWorld } from './kube/kube-world.ts';
import { systemTimers, type Timers } from './ports.ts';
import type { CommonSettings } from './settings.ts';
import { createStateWorld } from './state/state-world.ts';
import type { World, WorldOptions } from './world.ts';

/** What an app gets from its process. */
export interface ProcessParts<Settings> {
  readonly settings: Settings;
  readonly world: World;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Ends the process with exit code 70. */
  readonly onHalt: (reason: string) => void;
}

export const exitCodes = { usage: 64, internal: 70 } as const;

export async function startProcess<Settings extends CommonSettings>(
  { component, environment }: { readonly component: string; readonly environment: Environment },
  read: (reader: SettingsReader) => Settings,
  start: (parts: ProcessParts<Settings>) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  try {
    const settings = read(createSettingsReader(environment));
    const log = createLogger(component, settings.logLevel);
    const shutdown = createShutdown(log);
    exitOnSignals(shutdown, log);
    const parts = await createParts(settings, log, () => {
      void shutdown.run().finally(() => process.exit(exitCodes.internal));
    });
    shutdown.add('world', async () => parts.world.close());
    const app = await start(parts);
    shutdown.add('app', async () => app.close());
  } catch (error) {
    fail(component, error);
  }
}

async function createParts<Settings extends CommonSettings>(
  settings: Settings,
  log: Logger,
  onHalt: () => void,
): Promise<ProcessParts<Settings>> {
  const { storageEndpoint } = settings;
  const common = { clock: systemClock, timers: systemTimers, log };
  const world = await openWorld(settings, common);
  const store = openStore(settings.bucket, storageEndpoint === undefined ? {} : { apiEndpoint: storageEndpoint });
  return { ...common, settings, world, store, metrics: createMetrics({ defaults: true }), onHalt };
}

/** The cluster or the state directory. */
export async function openWorld(
  settings: CommonSettings,
  common: WorldOptions = { clock: systemClock, timers: systemTimers, log: silentLogger },
): Promise<World> {
  const { place } = settings;
  return place.kind === 'state'
    ? createStateWorld(place.dir, { ...common, pid: process.pid })
    : createKubeWorld(settings, place.namespace, common);
}

/** Says why on standard error and ends: 64 for settings, 70 for everything else. */
export function fail(program: string, error: unknown): never {
  process.stderr.write(`${program}: ${describeError(error)}\n`);
  process.exit(error instanceof SettingsError ? exitCodes.usage : exitCodes.internal);
}
