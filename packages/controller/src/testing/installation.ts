/** A whole installation in one process: directory store, state directory, real TLS on free ports. */
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics, createSettingsReader, silentLogger, systemClock, type Clock } from '@tachograph/service';
import { openStore, type ObjectStore } from '@tachograph/store';
import type { AuthServerModule } from '../auth/auth-host.ts';
import { startController, type RunningController } from '../controller-app.ts';
import type { CustodyAccounts } from '../custody/start-custody.ts';
import { systemTimers, type CallerReviews, type Pods } from '../ports.ts';
import { startSequencer, type RunningSequencer } from '../sequencer-app.ts';
import { readControllerSettings, readSequencerSettings } from '../settings.ts';
import { statePaths } from '../state/state-files.ts';
import { enrolWorkload } from '../state/state-identity.ts';
import { createStateWorld } from '../state/state-world.ts';
import type { World } from '../world.ts';
import { fetchTrust, SidecarClient } from './sidecar-client.ts';

export interface InstallationOptions {
  /** Stands before the store, for faults. */
  readonly wrapStore?: (store: ObjectStore) => ObjectStore;
  readonly pods?: Pods;
  readonly callerReviews?: CallerReviews;
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of a directory. */
  readonly store?: ObjectStore;
  readonly custodyAccounts?: CustodyAccounts;
  readonly custodyObjectsOfCall?: number;
  /** Instead of the auth server's own program. */
  readonly authServer?: AuthServerModule;
}

/** Waits for something to become true, at most about 30 s. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 1500; attempt += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited too long for ${what}`);
}

/** The lock of a process that is dead, or that has one's own number, is taken at once: a follower must see a live one. */
const livePids = [process.pid, 1];

export class Installation {
  readonly dir: string;
  readonly state: string;
  readonly store: ObjectStore;
  /** Why sequencers halted. */
  readonly halts: string[] = [];
  sequencers: RunningSequencer[] = [];
  controllers: RunningController[] = [];
  readonly #options: InstallationOptions;

  constructor(dir: string, options: InstallationOptions) {
    this.dir = dir;
    this.state = join(dir, 'state');
    this.store = options.store ?? openStore(join(dir, 'bucket'));
    this.#options = options;
  }

  async startSequencer(): Promise<RunningSequencer> {
    const running = await startSequencer({
      ...(await this.#parts()),
      settings: readSequencerSettings(createSettingsReader(this.#environment())),
      onHalt: (reason) => void this.halts.push(reason),
    });
    this.sequencers.push(running);
    return running;
  }

  async startController(): Promise<RunningController> {
    const environment = { ...this.#environment(), TACHO_SEQUENCER: this.sequencers.map(({ url }) => url).join(',') };
    const settings = readControllerSettings(createSettingsReader(environment));
    const { custodyAccounts, custodyObjectsOfCall, authServer } = this.#options;
    const running = await startController({
      ...(await this.#parts()),
      settings,
      ...(custodyAccounts === undefined ? {} : { custodyAccounts }),
      ...(custodyObjectsOfCall === undefined ? {} : { custodyObjectsOfCall }),
      ...(authServer === undefined ? {} : { loadAuthServer: async () => authServer }),
    });
    this.controllers.push(running);
    return running;
  }

  /** A sidecar of this workload, which trusts what the fingerprint lets it trust. */
  async enrol(workload: string, controller?: RunningController): Promise<SidecarClient> {
    const at = controller ?? this.controllers[0];
    if (at === undefined) throw new Error('no controller runs');
    const { tokenFile } = await enrolWorkload(this.state, 'demo', workload);
    const { tlsRoots } = await fetchTrust(at.url, at.fingerprint);
    return new SidecarClient(at.url, await readFile(tokenFile, 'utf8'), tlsRoots);
  }

  async leading(): Promise<RunningSequencer> {
    return until('a leader', () => this.sequencers.find((one) => one.waiting() === undefined));
  }

  /** The log's C2SP vkey. */
  async vkey(): Promise<string> {
    return (await readFile(statePaths.logKey(this.state), 'utf8')).trim();
  }

  async names(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { name } of this.store.list(prefix)) names.push(name);
    return names;
  }

  /** Texts of all leaves, in order. */
  async leaves(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const leaves: Readonly<Record<string, unknown>>[] = [];
    for (const name of await this.names('v1/log/batch/')) {
      const note = Buffer.from((await this.store.get(name)) ?? []).toString('utf8');
      const [, , , , ...lines] = note.slice(0, note.lastIndexOf('\n\n')).split('\n');
      for (const line of lines) leaves.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
    }
    return leaves;
  }

  async leavesOf(type: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.leaves()).filter((leaf) => leaf['type'] === type);
  }

  async close(): Promise<void> {
    for (const one of this.controllers) await one.close();
    for (const one of this.sequencers) await one.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  async #parts() {
    const { wrapStore, clock = systemClock, pods, callerReviews } = this.#options;
    const common = { clock, timers: systemTimers, log: silentLogger };
    const world: World = await createStateWorld(this.state, {
      ...common,
      pid: livePids[this.sequencers.length % livePids.length] ?? 1,
    });
    return {
      ...common,
      world: {
        ...world,
        ...(pods === undefined ? {} : { pods }),
        ...(callerReviews === undefined ? {} : { callerReviews }),
      },
      store: wrapStore === undefined ? this.store : wrapStore(this.store),
      metrics: createMetrics(),
    };
  }

  #environment(): Readonly<Record<string, string>> {
    return {
      TACHO_STATE: this.state,
      TACHO_CLUSTER: 'test',
      TACHO_BUCKET: join(this.dir, 'bucket'),
      TACHO_LISTEN: '127.0.0.1:0',
      TACHO_ADMIN: '127.0.0.1:0',
      TACHO_GATHER: '1ms',
      TACHO_CHECKPOINT_INTERVAL: '50ms',
      ...this.#options.environment,
    };
  }
}

/** Started: one sequencer that leads, one controller. */
export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const installation = await newInstallation(options);
  await installation.startSequencer();
  await installation.leading();
  await installation.startController();
  return installation;
}

/** Nothing runs yet. */
export async function newInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const dir = await mkdtemp(join(tmpdir(), 'tachograph-controller-'));
  await mkdir(join(dir, 'bucket'));
  return new Installation(dir, options);
}
