/** Custody: what holds and deletes, by its own credentials, against a bucket that enforces its rules. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatorServer, parseIamPolicy, startEmulator } from '@tachograph/gcs-emulator';
import { type ObjectCustody, type ObjectStore, ensureBucket, openCustody, openStore } from '@tachograph/store';

const roots: string[] = [];
async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tachograph-custody-'));
  roots.push(path);
  return path;
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let gcs: EmulatorServer;
const iam = parseIamPolicy({
  principals: {
    root: [{ role: 'admin' }],
    writer: [{ role: 'writer' }],
    hold: [{ role: 'legalHold' }],
    purge: [{ role: 'purger' }],
  },
});
beforeAll(async () => {
  gcs = await startEmulator({
    dataDir: await temporaryDirectory(),
    clock: () => Date.parse('2026-11-21T12:00:00Z'),
    iam,
  });
});
afterAll(async () => {
  await gcs.close();
  for (const path of roots) await rm(path, { recursive: true, force: true });
});

const address = 'gs://kept/team';
const as = (emulatorPrincipal: string) => ({
  apiEndpoint: gcs.url,
  emulatorPrincipal,
  retry: { firstDelayMs: 1, maxDelayMs: 2 },
});
const pass = async (seconds: number): Promise<void> => {
  await fetch(`${gcs.url}/emulator/clock`, { method: 'PUT', body: JSON.stringify({ advanceMs: seconds * 1000 }) });
};
async function statesOf(custody: ObjectCustody, prefix: string) {
  const states = [];
  for await (const state of custody.list(prefix)) states.push(state);
  return states;
}

describe('a locked bucket', () => {
  let writer: ObjectStore;
  let holds: ObjectCustody;
  let purges: ObjectCustody;
  beforeAll(async () => {
    await ensureBucket({ name: 'kept', location: 'EU', retentionSeconds: 3600, lock: true }, as('root'));
    writer = openStore(address, as('writer'));
    holds = openCustody(address, as('hold'));
    purges = openCustody(address, as('purge'));
  });

  test('says who may do what, before anything is done', async () => {
    const custody = openCustody(address, as('writer'));
    expect([await custody.may('hold'), await custody.may('delete')]).toEqual([false, false]);
    expect([await holds.may('hold'), await holds.may('delete')]).toEqual([true, false]);
    expect([await purges.may('hold'), await purges.may('delete')]).toEqual([false, true]);
  });

  test('keeps what is retained, keeps what is held, and gives up the rest by generation', async () => {
    const { generation } = await writer.create('v1/records/a', bytes('one'));
    expect(await purges.deleteGeneration('v1/records/a', generation)).toBe('retained');
    expect(await holds.setHold('v1/records/a', generation, true)).toBe('done');
    expect(await holds.setHold('v1/records/a', generation, true)).toBe('done');
    await pass(3600);
    expect(await purges.deleteGeneration('v1/records/a', generation)).toBe('held');
    expect(await holds.objectState('v1/records/a', generation)).toMatchObject({
      name: 'v1/records/a',
      generation,
      held: true,
      retainedUntil: expect.stringMatching(/^2026-11-21T13:00/),
    });
    expect(await holds.setHold('v1/records/a', generation, false)).toBe('done');
    expect(await purges.deleteGeneration('v1/records/a', generation)).toBe('deleted');
    expect(await purges.deleteGeneration('v1/records/a', generation)).toBe('absent');
    expect(await holds.setHold('v1/records/a', generation, true)).toBe('absent');
    expect(await holds.objectState('v1/records/a', generation)).toBeUndefined();
  });

  test('lists every generation', async () => {
    const admin = openStore(address, as('root'));
    await admin.put('v1/records/b', bytes('one'));
    await admin.put('v1/records/b', bytes('two'));
    const states = await statesOf(holds, 'v1/records/b');
    expect(states.map(({ name, noncurrent = false }) => [name, noncurrent])).toEqual([
      ['v1/records/b', true],
      ['v1/records/b', false],
    ]);
  });

  test('lists more than a page', async () => {
    for (let at = 0; at < 1003; at += 1) await writer.create(`v1/many/${at}`, bytes(''));
    expect(await statesOf(holds, 'v1/many/')).toHaveLength(1003);
  });

  test('refuses each account the deeds of the others', async () => {
    const { generation } = await writer.create('v1/records/c', bytes('one'));
    await pass(3600);
    await expect(holds.deleteGeneration('v1/records/c', generation)).rejects.toMatchObject({ code: 'denied' });
    await expect(purges.setHold('v1/records/c', generation, true)).rejects.toMatchObject({ code: 'denied' });
    const custody = openCustody(address, as('writer'));
    await expect(custody.deleteGeneration('v1/records/c', generation)).rejects.toMatchObject({ code: 'denied' });
  });

  test('settles a dropped answer by doing it again', async () => {
    const { generation } = await writer.create('v1/records/d', bytes('one'));
    await pass(3600);
    await fetch(`${gcs.url}/emulator/faults`, {
      method: 'POST',
      body: JSON.stringify({ kind: 'drop-after-commit', match: { method: 'DELETE' } }),
    });
    expect(await purges.deleteGeneration('v1/records/d', generation)).toBe('absent');
  });
});

test('a directory keeps holds beside its objects, where no listing sees them', async () => {
  const root = await temporaryDirectory();
  const store = openStore(root);
  const custody = openCustody(root);
  await store.create('v1/records/a', bytes('one'));
  expect(await custody.may('hold')).toBe(true);
  expect(await custody.setHold('v1/records/a', '1', true)).toBe('done');
  expect(await custody.deleteGeneration('v1/records/a', '1')).toBe('held');
  expect(await statesOf(custody, '')).toMatchObject([{ name: 'v1/records/a', held: true }]);
  expect(await custody.setHold('v1/records/a', '1', false)).toBe('done');
  expect(await custody.deleteGeneration('v1/records/a', '1')).toBe('deleted');
  expect(await custody.setHold('v1/records/a', '1', true)).toBe('absent');
});

test('a directory is asked for nothing outside of it, and lists past what is deleted meanwhile', async () => {
  const root = await temporaryDirectory();
  const inside = join(root, 'bucket');
  await openStore(root).create('outside', bytes('x'));
  const store = openStore(inside);
  for (const name of ['a', 'b', 'c']) await store.create(name, bytes(name));
  const custody = openCustody(inside);
  for (const name of ['../outside', 'a/../../outside', '.tachograph-pending/x']) {
    await expect(custody.deleteGeneration(name, '1')).rejects.toMatchObject({ code: 'invalid_name' });
    await expect(custody.setHold(name, '1', true)).rejects.toMatchObject({ code: 'invalid_name' });
  }
  expect(await openStore(root).get('outside')).toBeDefined();
  const seen: string[] = [];
  for await (const { name } of custody.list('')) {
    seen.push(name);
    if (name === 'a') await custody.deleteGeneration('b', '1');
  }
  expect(seen).toEqual(['a', 'c']);
});
