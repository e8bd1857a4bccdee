/** Acceptance tests 4 and 5 in small: the storage emulator as its own process, with the faults that real buckets have. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createDirectoryStore, openStore, type ObjectStore } from '@tachograph/store';
import { sha256Hex } from './keys/node-crypto.ts';
import { statePaths } from './state/state-files.ts';
import { newInstallation, startInstallation, until, type Installation } from './testing/installation.ts';
import type { Answer, SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';
import { verifyBucket } from './testing/verify.ts';
import { rebuildTiles } from './tiles/rebuild-tiles.ts';

let dir: string;
let emulator: ChildProcess;
let endpoint: string;
let store: ObjectStore;
let installation: Installation | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-emulator-'));
  const program = join(import.meta.dirname, '../../gcs-emulator/src/main.ts');
  const args = ['--data', dir, '--port', '0', '--bucket', 'archive', '--bucket', 'tiles', '--json'];
  emulator = spawn(process.execPath, ['--conditions=source', program, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (emulator.stdout === null) throw new Error('no output');
  for await (const line of createInterface(emulator.stdout)) {
    endpoint = (JSON.parse(line) as { readonly url: string }).url;
    break;
  }
  store = openStore('gs://archive', { apiEndpoint: endpoint });
});
afterEach(async () => {
  await installation?.close();
  emulator.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

async function disturb(fault: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(`${endpoint}/emulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(answer.status).toBe(200);
}

const kinds = ['v1/log/batch/', 'v1/log/checkpoint/', 'v1/keys/', 'v1/records/', 'v1/sessions/'];

async function insist(call: () => Promise<Answer>): Promise<Answer> {
  return until('an answer that settles', async () => {
    const answer = await call();
    return answer.status < 300 && answer.status !== 202 ? answer : undefined;
  });
}

async function recordSession(sidecar: SidecarClient): Promise<void> {
  const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
  stream.appendSession(uuidOf(2));
  await insist(async () => sidecar.open(stream.opening));
  const first = stream.seal();
  await insist(async () => sidecar.putSegment(first));
  stream.append({ kind: 'stream.close' });
  const last = stream.seal();
  await insist(async () => sidecar.putSegment(last));
}

async function verdictOf(running: Installation): Promise<string> {
  const size = (await running.leaves()).length;
  const newest = `v1/log/checkpoint/${String(size).padStart(16, '0')}`;
  await until('the last checkpoint', async () => ((await running.names(newest)).length > 0 ? true : undefined));
  const versions = new Map<string, number>();
  for await (const { name } of store.list('', { versions: true })) versions.set(name, (versions.get(name) ?? 0) + 1);
  expect([...versions].filter(([, count]) => count > 1)).toEqual([]);
  const { report, findings } = await verifyBucket(store, await running.vkey());
  expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  return report.verdict;
}

test.each([
  ['drops the answer to a write that it committed', { kind: 'drop-after-commit', times: 1 }],
  ['is unavailable', { kind: 'status', status: 503, times: 2 }],
  ['limits the rate', { kind: 'status', status: 429, times: 2 }],
  ['resets connections', { kind: 'reset', times: 2 }],
])('a bucket that %s at every kind of object gets each object once', async (_what, fault) => {
  for (const objectPrefix of kinds) await disturb({ ...fault, match: { method: 'POST', objectPrefix } });
  installation = await startInstallation({ store });
  await recordSession(await installation.enrol('store'));
  expect(await verdictOf(installation)).toBe('verified');
  expect(await (await fetch(`${endpoint}/emulator/faults`)).json()).toEqual({ faults: [] });
});

async function contents(of: ObjectStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name } of of.list('')) found[name] = sha256Hex((await of.get(name)) ?? '');
  return found;
}

test.each([
  ['drops the answer to a write that it committed', { kind: 'drop-after-commit', times: 2 }],
  ['is unavailable', { kind: 'status', status: 503, times: 3 }],
  ['resets connections', { kind: 'reset', times: 3 }],
])('tiles in a bucket that %s are those of the archive in the end', async (_what, fault) => {
  for (const objectPrefix of ['tile/', 'checkpoint']) {
    await disturb({ ...fault, match: { method: 'POST', bucket: 'tiles', objectPrefix } });
  }
  const tiles = openStore('gs://tiles', { apiEndpoint: endpoint });
  const environment = { TACHO_TILES: 'gs://tiles', TACHO_STORAGE_ENDPOINT: endpoint };
  installation = await startInstallation({ store, environment });
  await recordSession(await installation.enrol('store'));
  expect(await verdictOf(installation)).toBe('verified');
  const newest = (await installation.names('v1/log/checkpoint/')).at(-1) ?? '';
  const note = sha256Hex((await store.get(newest)) ?? '');
  await until('the newest checkpoint among the tiles', async () =>
    sha256Hex((await tiles.get('checkpoint')) ?? '') === note ? true : undefined,
  );
  await mkdir(join(dir, 'rebuilt'));
  const rebuilt = createDirectoryStore(join(dir, 'rebuilt'));
  await rebuildTiles({ store, tiles: rebuilt, everyCheckpoint: true });
  expect(await contents(rebuilt)).toEqual(await contents(tiles));
});

test('a leader that loses the Lease in the middle of a write adds nothing, and the next one takes what it had in hand', async () => {
  const running = await newInstallation({ store });
  installation = running;
  await running.startSequencer();
  const first = await running.leading();
  await running.startSequencer();
  await running.startController();
  const sidecar = await running.enrol('store');
  const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
  await insist(async () => sidecar.open(stream.opening));
  await disturb({ kind: 'slow', delayMs: 6000, times: 1, match: { method: 'POST', objectPrefix: 'v1/log/batch/' } });
  const segment = stream.seal();
  const late = sidecar.putSegment(segment).catch(() => undefined);
  await until('the write in flight', async () => ((await pendingFaults()) === 0 ? true : undefined));
  await rm(statePaths.sequencerLock(running.state), { force: true });
  const second = await until('the other one to lead', () =>
    running.sequencers.find((one) => one !== first && one.waiting() === undefined),
  );
  // It looks at the lock from time to time; until then the bucket alone keeps it from adding.
  await until('the first one to notice', () => first.waiting());
  await insist(async () => sidecar.putSegment(segment));
  stream.append({ kind: 'stream.close' });
  const last = stream.seal();
  await insist(async () => sidecar.putSegment(last));
  await late;
  expect(second.waiting()).toBeUndefined();
  expect((await running.leavesOf('segment')).length).toBe(2);
  expect(await verdictOf(running)).toBe('verified');
});

async function pendingFaults(): Promise<number> {
  const { faults } = (await (await fetch(`${endpoint}/emulator/faults`)).json()) as {
    readonly faults: readonly unknown[];
  };
  return faults.length;
}
