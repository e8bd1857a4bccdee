/** Acceptance tests 4 and 5 in small: the storage emulator as its own process, with the faults that real buckets have. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStore, type ObjectStore } from '@tachograph/store';
import { startInstallation, until, type Installation } from './testing/installation.ts';
import type { Answer, SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';
import { verifyBucket } from './testing/verify.ts';

jest.setTimeout(60_000);

let dir: string;
let emulator: ChildProcess;
let endpoint: string;
let store: ObjectStore;
let installation: Installation | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-emulator-'));
  const program = join(import.meta.dirname, '../../gcs-emulator/src/main.ts');
  const args = ['--data', dir, '--port', '0', '--bucket', 'archive', '--json'];
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
