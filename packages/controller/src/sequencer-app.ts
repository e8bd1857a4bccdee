/** The sequencer: the only writer of `v1/log` and `v1/keys`, and the only holder of the log key. */
import { createHealth, type Clock, type Logger, type Metrics } from '@tachograph/service';
import { openStore, type ObjectStore } from '@tachograph/store';
import { startAdminServer } from './http/admin-server.ts';
import { openRemoteKeys } from './keys/remote-keys.ts';
import { loadLogKeys } from './keys/log-keys.ts';
import type { Timers } from './ports.ts';
import { createSequencerApi } from './sequencer/sequencer-api.ts';
import { startLogMetrics } from './sequencer/log-metrics.ts';
import { createSequencer, type SequencerOptions } from './sequencer/sequencer.ts';
import type { SequencerSettings } from './settings.ts';
import { createWitnesses } from './witness/witnesses.ts';
import { createTileMetrics } from './tiles/tile-writer.ts';
import { startTlsServer } from './tls/tls-server.ts';
import type { World } from './world.ts';

/** What the sequencer is wired to. `world` is a cluster or a state directory; closing it is the caller's. */
export interface SequencerAppOptions {
  readonly settings: SequencerSettings;
  readonly world: World;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The process must end. */
  readonly onHalt: (reason: string) => void;
}

/** `url`: `https://host:port` with the bound port. `close` stops appending and gives the Lease back first. */
export interface RunningSequencer {
  readonly url: string;
  readonly adminPort: number;
  /** Why it does not append; `undefined` while it leads. */
  waiting(): string | undefined;
  close(): Promise<void>;
}

/**
 * Resolves when it listens and competes for the Lease, not yet when it leads. Rejects when keys cannot be
 * loaded or a port cannot be opened.
 */
export async function startSequencer(options: SequencerAppOptions): Promise<RunningSequencer> {
  const { settings, world, log } = options;
  const remote = await openRemoteKeys(settings);
  const keys = await loadLogKeys({ secrets: world.secrets, cluster: settings.cluster, remote });
  let address = settings.advertise ?? '';
  const sequencer = createSequencer({
    ...options,
    settings: settings.times,
    keys,
    ...tilesOf(options),
    ...(settings.witnesses === undefined ? {} : { witnesses: createWitnesses(settings.witnesses, options) }),
    pods: world.pods,
    lease: world.lease(() => address),
  });
  const server = await startTlsServer({
    ...options,
    handler: createSequencerApi({ sequencer, identity: world.identity, log }),
    listen: settings.listen,
    names: { dns: ['localhost', ...settings.tlsNames], ip: ['127.0.0.1', '::1'] },
    secrets: world.secrets,
  });
  if (settings.advertise === undefined) address = server.url;
  const stopMetrics = startLogMetrics(options, sequencer);
  const health = createHealth();
  health.add('log', () => sequencer.waiting());
  const admin = await startAdminServer(settings.admin, health, options.metrics);
  await world.publish({ vkey: keys.first() });
  sequencer.start();
  log.info('sequencer listening', { url: server.url, vkey: keys.current().at(-1)?.vkey });
  return {
    url: server.url,
    adminPort: admin.port,
    waiting: () => sequencer.waiting(),
    async close() {
      stopMetrics();
      await sequencer.stop();
      await server.close();
      await admin.close();
    },
  };
}

function tilesOf({ settings, metrics }: SequencerAppOptions): Pick<SequencerOptions, 'tiles'> {
  const { tiles, storageEndpoint } = settings;
  if (tiles === undefined) return {};
  const store = openStore(tiles, storageEndpoint === undefined ? {} : { apiEndpoint: storageEndpoint });
  return { tiles: { store, metrics: createTileMetrics(metrics) } };
}
