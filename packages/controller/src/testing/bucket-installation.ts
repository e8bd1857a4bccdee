/** An installation on an emulated bucket: versioned, locked, with an account for each deed, and a clock that can travel. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock, type Clock } from '@tachograph/service';
import { ensureBucket, openCustody, openStore, type ObjectState } from '@tachograph/store';
import type { CustodyAccounts } from '../custody/start-custody.ts';
import { newInstallation, type Installation } from './installation.ts';

const emulatorMain = fileURLToPath(new URL('../../../gcs-emulator/src/main.ts', import.meta.url));
const retentionSeconds = 30 * 86_400;

export interface BucketInstallation {
  readonly installation: Installation;
  readonly accounts: CustodyAccounts;
  /** Every generation under a prefix. */
  states(prefix: string): Promise<readonly ObjectState[]>;
  /** As an administrator would. */
  overwrite(name: string): Promise<void>;
  setRole(principal: string, role: string): Promise<void>;
  fault(fault: object): Promise<void>;
  clearFaults(): Promise<void>;
  /** Bucket and controller travel together; no lifecycle runs. */
  pass(seconds: number): Promise<void>;
  nowMs(): number;
  close(): Promise<void>;
}

/** Roles of the emulator, by principal. */
const roles = new Map([
  ['root', 'admin'],
  ['writer', 'writer'],
  ['hold', 'legalHold'],
  ['purge', 'purger'],
]);

export async function startBucketInstallation(
  environment: Readonly<Record<string, string>>,
): Promise<BucketInstallation> {
  const dir = await mkdtemp(join(tmpdir(), 'tachograph-bucket-'));
  const { child, url } = await startEmulator(dir);
  const as = (emulatorPrincipal: string) => ({
    apiEndpoint: url,
    emulatorPrincipal,
    retry: { attempts: 3, firstDelayMs: 1, maxDelayMs: 2 },
  });
  await ensureBucket({ name: 'archive', location: 'EU', retentionSeconds, lock: true }, as('root'));
  const clock = new TravellingClock();
  const accounts = { holds: openCustody('gs://archive', as('hold')), purges: openCustody('gs://archive', as('purge')) };
  const store = openStore('gs://archive', as('writer'));
  const installation = await newInstallation({ store, clock, environment, custodyAccounts: accounts });
  await installation.startSequencer();
  await installation.leading();
  await installation.startController();
  const call = async (path: string, method: string, body?: object): Promise<void> => {
    await fetch(`${url}/emulator/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  };
  return {
    installation,
    accounts,
    async states(prefix) {
      const found: ObjectState[] = [];
      for await (const state of accounts.holds.list(prefix)) found.push(state);
      return found;
    },
    overwrite: async (name) => openStore('gs://archive', as('root')).put(name, Buffer.from('forged')),
    setRole: async (principal, role) => call('iam', 'PUT', policyOf(new Map([...roles, [principal, role]]))),
    fault: async (fault) => call('faults', 'POST', fault),
    clearFaults: async () => call('faults', 'DELETE'),
    async pass(seconds) {
      clock.travelMs(seconds * 1000);
      await call('clock', 'PUT', { advanceMs: seconds * 1000 });
    },
    nowMs: () => clock.nowMs(),
    async close() {
      await installation.close();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function policyOf(of: ReadonlyMap<string, string>): object {
  return { principals: Object.fromEntries([...of].map(([name, role]) => [name, [{ role }]])) };
}

async function startEmulator(dir: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const iam = join(dir, 'iam.json');
  await writeFile(iam, JSON.stringify(policyOf(roles)));
  const args = [
    '--conditions=source',
    emulatorMain,
    '--data',
    join(dir, 'data'),
    '--port',
    '0',
    '--json',
    '--iam',
    iam,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

/** The system's clock, some time ahead. */
class TravellingClock implements Clock {
  #aheadMs = 0;

  travelMs(ms: number): void {
    this.#aheadMs += ms;
  }

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  monotonicNs(): number {
    return systemClock.monotonicNs();
  }
}
