import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { EmulatorClient } from './testing/emulator-client.ts';

let gcs: EmulatorClient;
let bucket: string;
let count = 0;

beforeAll(async () => {
  gcs = await EmulatorClient.start();
});
afterAll(async () => {
  await gcs.stop();
});
beforeEach(() => {
  count += 1;
  bucket = `aged-${count}`;
});

const day = 86_400;
const rule = (condition: object): object => ({ action: { type: 'Delete' }, condition });
const expiry = (age: number): object => ({
  rule: [true, false].map((isLive) => rule({ age, isLive, matchesPrefix: ['v1/records/', 'v1/blobs/'] })),
});
const generationsOf = async (name: string): Promise<string[]> =>
  (await gcs.versions(bucket, name)).map(({ generation }) => generation);

/** What a moved clock took away, by name. */
async function pass(days: number): Promise<string[]> {
  const { body } = await gcs.call('/emulator/clock', { method: 'PUT', body: { advanceMs: days * day * 1000 } });
  const expired = body['expired'] as { bucket: string; name: string; became: string }[];
  return expired.filter((one) => one.bucket === bucket).map(({ name, became }) => `${name} ${became}`);
}

describe('a lifecycle', () => {
  beforeEach(async () => {
    await gcs.bucket(bucket, {
      versioning: { enabled: true },
      retentionPolicy: { retentionPeriod: String(10 * day) },
      lifecycle: expiry(12),
    });
    await gcs.upload(bucket, 'v1/records/a', 'one');
    await gcs.upload(bucket, 'v1/log/batch/0', 'log');
  });

  test('takes exactly what is due, live and noncurrent, and leaves other prefixes', async () => {
    await gcs.upload(bucket, 'v1/records/a', 'two');
    await pass(1);
    await gcs.upload(bucket, 'v1/records/young', 'three');
    expect(await pass(10)).toEqual([]);
    expect(await pass(1)).toEqual(['v1/records/a deleted', 'v1/records/a noncurrent', 'v1/records/a deleted']);
    expect(await generationsOf('v1/records/a')).toEqual([]);
    expect(await generationsOf('v1/records/young')).toHaveLength(1);
    expect(await pass(1)).toEqual(['v1/records/young noncurrent', 'v1/records/young deleted']);
    expect(await generationsOf('v1/log/batch/0')).toHaveLength(1);
  });

  test('takes nothing that is held, until it is released', async () => {
    await gcs.patch(bucket, 'v1/records/a', { temporaryHold: true });
    expect(await pass(400)).toEqual([]);
    await gcs.patch(bucket, 'v1/records/a', { temporaryHold: false });
    expect((await gcs.call('/emulator/lifecycle', { method: 'POST' })).body['expired']).toHaveLength(2);
  });

  test('takes nothing that is retained, whatever its rule says', async () => {
    await gcs.patchBucket(bucket, { lifecycle: expiry(1) });
    expect(await pass(9)).toEqual([]);
    expect(await pass(1)).toEqual(['v1/records/a noncurrent', 'v1/records/a deleted']);
  });

  test('is refused where a condition would have to be ignored', async () => {
    const other = { rule: [rule({ age: 1, matchesStorageClass: ['ARCHIVE'] })] };
    expect(await gcs.patchBucket(bucket, { lifecycle: other })).toMatchObject({ status: 501 });
    expect(await gcs.patchBucket(bucket, { lifecycle: { rule: 7 } })).toMatchObject({ status: 400 });
    expect(await gcs.patchBucket(bucket, { lifecycle: null })).toMatchObject({ status: 200 });
    expect(await pass(400)).toEqual([]);
  });
});

test.each([
  ['createdBefore', '2999-01-01', ['a', 'b']],
  ['daysSinceCustomTime', 1, ['b']],
  ['matchesSuffix', ['b'], ['b']],
  ['numNewerVersions', 1, []],
])('the condition %s means what GCS says', async (name, value, gone) => {
  await gcs.bucket(bucket, { lifecycle: { rule: [rule({ [name]: value })] } });
  await gcs.upload(bucket, 'a', 'x');
  await gcs.upload(bucket, 'b', 'x');
  await gcs.patch(bucket, 'b', { customTime: '2026-11-21T12:00:00Z' });
  expect(await pass(2)).toEqual(gone.map((one) => `${one} deleted`));
});

const softDeleted = async (): Promise<unknown[]> =>
  (await gcs.call(`b/${bucket}/o?softDeleted=true`)).body['items'] as unknown[];

describe('soft delete', () => {
  test('keeps what was deleted for good, restores it, and forgets it in time', async () => {
    await gcs.bucket(bucket, {
      versioning: { enabled: true },
      softDeletePolicy: { retentionDurationSeconds: String(7 * day) },
    });
    await gcs.upload(bucket, 'a', 'one');
    const [generation = ''] = await generationsOf('a');
    await gcs.remove(bucket, 'a', `generation=${generation}`);
    expect(await gcs.object(bucket, 'a')).toMatchObject({ status: 404 });
    expect(await softDeleted()).toMatchObject([{ name: 'a', generation }]);
    const restored = await gcs.call(`b/${bucket}/o/a/restore?generation=${generation}`, { method: 'POST' });
    expect([restored.status, await gcs.media(bucket, 'a')]).toEqual([200, 'one']);
    expect(await generationsOf('a')).toEqual([restored.body['generation']]);
    expect(await softDeleted()).toEqual([]);
    await gcs.remove(bucket, 'a', `generation=${String(restored.body['generation'])}`);
    await pass(7);
    expect(await softDeleted()).toEqual([]);
    const late = `b/${bucket}/o/a/restore?generation=${String(restored.body['generation'])}`;
    expect(await gcs.call(late, { method: 'POST' })).toMatchObject({ status: 404 });
  });

  test('keeps nothing where it is off', async () => {
    await gcs.bucket(bucket, { softDeletePolicy: { retentionDurationSeconds: '0' } });
    await gcs.upload(bucket, 'a', 'one');
    await gcs.remove(bucket, 'a');
    expect(await softDeleted()).toEqual([]);
  });
});

test('two objects swap their bytes, each keeping its metadata', async () => {
  await gcs.bucket(bucket);
  await gcs.upload(bucket, 'v1/a', 'one');
  await gcs.upload(bucket, 'v1/b', 'two');
  await gcs.upload(bucket, 'w', 'other');
  await gcs.fault({ kind: 'corrupt-at-rest', how: 'swap', match: { bucket, objectPrefix: 'v1/' } });
  expect([await gcs.media(bucket, 'v1/a'), await gcs.media(bucket, 'v1/b')]).toEqual(['two', 'one']);
  expect(await gcs.media(bucket, 'w')).toBe('other');
  expect(await gcs.fault({ kind: 'corrupt-at-rest', how: 'melt' })).toMatchObject({ status: 400 });
});

const set = async (body: object) => await gcs.call(`b/${bucket}/iam`, { method: 'PUT', body });

describe('a bucket’s IAM policy', () => {
  const binding = { role: 'roles/storage.objectViewer', members: ['user:a@example.com'] };
  const condition = { title: 't', expression: 'resource.name.startsWith("x")' };

  test('is kept, and a stale etag is refused', async () => {
    await gcs.bucket(bucket);
    const first = await gcs.call(`b/${bucket}/iam`);
    expect(await set({ bindings: [binding], etag: first.body['etag'] })).toMatchObject({ status: 200 });
    expect(await set({ bindings: [], etag: first.body['etag'] })).toMatchObject({ status: 412 });
    expect((await gcs.call(`b/${bucket}/iam`)).body['bindings']).toEqual([binding]);
    expect((await gcs.call(`b/${bucket}`)).text).not.toContain('user:a');
  });

  test('takes conditions in version 3 only, and shows them only there', async () => {
    await gcs.bucket(bucket);
    expect(await set({ bindings: [{ ...binding, condition }] })).toMatchObject({ status: 400 });
    expect(await set({ version: 3, bindings: [{ ...binding, condition }] })).toMatchObject({ status: 200 });
    const shown = await gcs.call(`b/${bucket}/iam?optionsRequestedPolicyVersion=3`);
    expect(shown.body).toMatchObject({ version: 3, bindings: [{ ...binding, condition }] });
    expect((await gcs.call(`b/${bucket}/iam`)).text).not.toContain('condition');
  });
});

test('who may do what can change while it runs', async () => {
  await gcs.bucket(bucket);
  const principals = { writer: [{ role: 'writer', bucket, objectPrefix: 'v1/' }], root: [{ role: 'admin' }] };
  await gcs.call('/emulator/iam', { method: 'PUT', body: { principals } });
  const headers = { authorization: 'Bearer writer' };
  const asked = 'permissions=storage.objects.create&permissions=storage.objects.delete';
  const held = await gcs.call(`b/${bucket}/iam/testPermissions?${asked}`, { headers });
  expect(held.body['permissions']).toEqual(['storage.objects.create']);
  expect(await gcs.upload(bucket, 'a', 'x')).toMatchObject({ status: 401 });
  await gcs.call('/emulator/iam', { method: 'DELETE' });
  expect(await gcs.upload(bucket, 'a', 'x')).toMatchObject({ status: 200 });
});
