import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { EmulatorClient } from './testing/emulator-client.ts';

let gcs: EmulatorClient;

beforeAll(async () => {
  gcs = await EmulatorClient.start({ buckets: ['faulty'] });
});
afterAll(async () => {
  await gcs.stop();
});
afterEach(async () => {
  await gcs.call('/emulator/faults', { method: 'DELETE' });
});

const upload = async (name: string) => await gcs.upload('faulty', name, 'hello');
const setClock = async (body: object) => await gcs.call('/emulator/clock', { method: 'PUT', body });
const broken = async (call: Promise<unknown>): Promise<boolean> =>
  await call.then(
    () => false,
    () => true,
  );

test.each([
  [429, 'rateLimitExceeded'],
  [503, 'backendError'],
])('status %i is answered as often as asked, and nothing is stored', async (status, reason) => {
  await gcs.fault({ kind: 'status', status, times: 2 });
  expect(await upload(`s${status}`)).toMatchObject({ status, reason });
  expect(await gcs.object('faulty', 'a')).toMatchObject({ status });
  expect(await gcs.object('faulty', `s${status}`)).toMatchObject({ status: 404 });
});

test('a reset breaks the connection before anything is stored', async () => {
  await gcs.fault({ kind: 'reset' });
  expect(await broken(upload('reset'))).toBe(true);
  expect(await gcs.versions('faulty', 'reset')).toEqual([]);
});

test('drop-after-commit stores the object and breaks the connection', async () => {
  await gcs.fault({ kind: 'drop-after-commit' });
  expect(await broken(upload('dropped'))).toBe(true);
  expect(await gcs.media('faulty', 'dropped')).toBe('hello');
  expect(await gcs.versions('faulty', 'dropped')).toHaveLength(1);
});

test('drop-after-commit waits for a commit: refusals, reads and starts of uploads pass', async () => {
  await upload('there');
  await gcs.fault({ kind: 'drop-after-commit' });
  expect(await gcs.upload('faulty', 'there', 'x', '&ifGenerationMatch=0')).toMatchObject({ status: 412 });
  expect(await gcs.media('faulty', 'there')).toBe('hello');
  const start = await gcs.call('/upload/storage/v1/b/faulty/o?uploadType=resumable&name=later', { method: 'POST' });
  const session = start.headers.get('location')?.replace(gcs.server.url, '') ?? '';
  const last = { method: 'PUT', body: 'hello' };
  expect(await broken(gcs.call(session, last))).toBe(true);
  expect(await gcs.call(session, last)).toMatchObject({ status: 200, body: { name: 'later' } });
  expect(await gcs.versions('faulty', 'later')).toHaveLength(1);
});

test('drop-after-commit deletes for good as well', async () => {
  await upload('deleted');
  await gcs.fault({ kind: 'drop-after-commit', match: { method: 'DELETE' } });
  expect(await broken(gcs.remove('faulty', 'deleted'))).toBe(true);
  expect(await gcs.object('faulty', 'deleted')).toMatchObject({ status: 404 });
});

test('slow holds a request back for at least so long', async () => {
  await gcs.fault({ kind: 'slow', delayMs: 80 });
  const before = performance.now();
  expect(await upload('slow')).toMatchObject({ status: 200 });
  expect(performance.now() - before).toBeGreaterThanOrEqual(79);
});

test.each([
  ['flip', 5],
  ['truncate', 2],
])('corrupt-at-rest %s damages the bytes and leaves the metadata', async (how, size) => {
  await upload(`v1/${how}`);
  const answer = await gcs.fault({ kind: 'corrupt-at-rest', how, match: { objectPrefix: `v1/${how}` } });
  expect(answer.body['corrupted']).toMatchObject([{ bucket: 'faulty', name: `v1/${how}` }]);
  const read = await gcs.media('faulty', `v1/${how}`);
  expect(read).not.toBe('hello');
  expect(read).toHaveLength(size);
  expect((await gcs.object('faulty', `v1/${how}`)).body).toMatchObject({ size: '5', crc32c: 'mnG7TA==' });
});

test('matches by method, bucket and object prefix', async () => {
  await gcs.fault({
    kind: 'status',
    status: 503,
    match: { method: 'POST', bucket: 'faulty', objectPrefix: 'v1/log/' },
  });
  expect(await upload('v1/records/a')).toMatchObject({ status: 200 });
  expect(await gcs.object('faulty', 'v1/log/a')).toMatchObject({ status: 404 });
  expect(await upload('v1/log/a')).toMatchObject({ status: 503 });
  expect(await upload('v1/log/a')).toMatchObject({ status: 200 });
});

test('waiting faults can be seen and taken back', async () => {
  await gcs.fault({ kind: 'reset', times: 3 });
  const listed = await gcs.call('/emulator/faults');
  expect(listed.body['faults']).toMatchObject([{ kind: 'reset', left: 3 }]);
  await gcs.call('/emulator/faults', { method: 'DELETE' });
  expect(await upload('fine')).toMatchObject({ status: 200 });
});

describe('refuses what it does not understand', () => {
  test.each([
    { kind: 'explode' },
    { kind: 'status' },
    { kind: 'status', status: 200 },
    { kind: 'slow' },
    { kind: 'reset', times: 0 },
    { kind: 'reset', match: { objekt: 'x' } },
    { kind: 'reset', match: 'x' },
  ])('%j', async (fault) => {
    expect(await gcs.fault(fault)).toMatchObject({ status: 400, reason: 'invalid' });
  });
});

test('the clock can be set, stepped and stopped', async () => {
  expect((await setClock({ now: '2031-05-06T07:08:09.000Z', frozen: true })).body).toEqual({
    now: '2031-05-06T07:08:09.000Z',
    frozen: true,
    expired: [],
  });
  expect((await upload('dated')).body['timeCreated']).toBe('2031-05-06T07:08:09.000Z');
  expect((await setClock({ advanceMs: 1000 })).body['now']).toBe('2031-05-06T07:08:10.000Z');
  expect((await setClock({ frozen: false })).body['frozen']).toBe(false);
  expect(await setClock({ now: 'soon' })).toMatchObject({ status: 400 });
  expect(await setClock({ advanceMs: 'x' })).toMatchObject({ status: 400 });
});
