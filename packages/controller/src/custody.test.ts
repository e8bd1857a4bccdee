/** Custody over real HTTP, on an emulated bucket that is locked and knows who may do what. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { approverAudience, holdProgress, purgeAnswer, type HoldProgress, type PurgeAnswer } from '@tachograph/protocol';
import { SignJWT } from 'jose';
import { statePaths } from './state/state-files.ts';
import { demoIssuer } from './state/state-issuers.ts';
import { startBucketInstallation, type BucketInstallation } from './testing/bucket-installation.ts';
import { callHttps, type Answer } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';

let world: BucketInstallation;
const custodians = { TACHO_CUSTODIANS: 'carol,group:legal-*' };

beforeEach(async () => {
  world = await startBucketInstallation(custodians);
});
afterEach(async () => world.close());

async function tokenOf(sub: string, groups: readonly string[] = []): Promise<string> {
  const key = createPrivateKey(await readFile(statePaths.issuerKey(world.installation.state), 'utf8'));
  return new SignJWT({ groups, aud: approverAudience('test') })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(demoIssuer)
    .setSubject(sub)
    .setExpirationTime(new Date(world.nowMs() + 3_600_000))
    .sign(key);
}

/** `who`: subject, then groups. */
async function as(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const url = world.installation.controllers[0]?.url ?? '';
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const [sub = '', ...groups] = who.split(' ');
  return callHttps(url, method, `/v1/custody/${path}`, { token: await tokenOf(sub, groups), ...text });
}

const codes = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code];
const reason = 'case 4711';

/** Records one session of a workload, with a blob when asked. */
async function record(number: number, workload = 'store'): Promise<string> {
  const sidecar = await world.installation.enrol(workload);
  const stream = new TestStream({ stream: uuidOf(number) });
  expect((await sidecar.open(stream.opening)).status).toBe(201);
  stream.appendSession(uuidOf(number + 100));
  expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
  return uuidOf(number + 100);
}

async function place(selection: object): Promise<HoldProgress> {
  const answer = await as('carol', 'POST', 'holds', { selection, reason });
  expect(answer.status).toBe(201);
  return holdProgress.parse(answer.json());
}

async function purge(more: object = {}): Promise<PurgeAnswer> {
  const answer = await as('carol', 'POST', 'purges', { reason, ...more });
  expect(answer.status).toBe(200);
  return purgeAnswer.parse(answer.json());
}

const held = async (): Promise<readonly string[]> =>
  (await world.states('v1/')).filter((one) => one.held).map(({ name }) => name);

describe('a hold', () => {
  test('covers manifest and segment of one session, is a leaf that names them, and survives expiry', async () => {
    const session = await record(1);
    await record(2);
    const { hold, objects, done } = await place({ session });
    expect([objects, done]).toEqual([2, 2]);
    const names = await held();
    expect(names).toEqual([expect.stringContaining(`/${uuidOf(1)}-`), expect.stringContaining(`/${session}-0-`)]);
    const [leaf] = await world.installation.leavesOf('hold.placed');
    expect(leaf).toMatchObject({ hold, selection: { session }, part: 1, parts: 1, reason, by: { sub: 'carol' } });
    const { objects: named } = leaf as { objects: { object: string }[] };
    expect(named.map(({ object }) => object).toSorted()).toEqual(names);

    await world.pass(40 * 86_400);
    expect(await purge()).toMatchObject({ objects: 2, deleted: 2, held: 2, refused: 0, more: false });
    expect((await world.states('v1/records/')).map(({ name }) => name)).toEqual([expect.stringContaining(uuidOf(1))]);
  });

  test('is released with a leaf, and what another hold keeps stays held', async () => {
    const session = await record(1);
    const first = await place({ session });
    await place({ subject: 'alice' });
    const released = await as('dan legal-eu', 'POST', `holds/${first.hold}/release`, { reason: 'settled' });
    expect([released.status, released.json()]).toMatchObject([200, { done: 0 }]);
    expect(await held()).toHaveLength(2);
    expect(await world.installation.leavesOf('hold.released')).toMatchObject([
      { hold: first.hold, by: { sub: 'dan' }, reason: 'settled' },
    ]);
    const { holds } = (await as('carol', 'GET', 'holds')).json() as { holds: { hold: string; released?: object }[] };
    expect(holds.map(({ released: end }) => end !== undefined)).toEqual([false, true]);
    const second = await as('carol', 'POST', `holds/${holds[0]?.hold}/release`, { reason: 'settled' });
    expect(second.json()).toMatchObject({ done: 2 });
    expect(await held()).toEqual([]);
    await as('carol', 'POST', `holds/${holds[0]?.hold}/release`, { reason: 'again' });
    expect(await world.installation.leavesOf('hold.released')).toHaveLength(2);
  });

  test('counts in the log even where somebody took it off the bucket, and can be placed there again', async () => {
    const session = await record(1);
    const { hold } = await place({ session });
    for (const { name, generation } of await world.states('v1/')) {
      await world.accounts.holds.setHold(name, generation, false);
    }
    await world.pass(40 * 86_400);
    expect(await purge()).toMatchObject({ objects: 0, held: 2 });
    expect((await as('carol', 'POST', `holds/${hold}/apply`, {})).json()).toMatchObject({ done: 2 });
    expect(await held()).toHaveLength(2);
  });

  test('of a namespace or server covers segments without a session, and nobody else’s', async () => {
    await record(1);
    await record(2, 'other');
    expect(await place({ server: 'demo/other' })).toMatchObject({ objects: 2 });
    expect((await held()).every((name) => name.includes(uuidOf(2)) || name.includes(uuidOf(102)))).toBe(true);
    expect(await place({ namespace: 'demo', from: '2026-11-21T00:00:00Z' })).toMatchObject({ objects: 4 });
  });

  test.each([
    [{ selection: {}, reason }, 400, 'bad_request'],
    [{ selection: { tool: 'x' }, reason }, 400, 'bad_request'],
    [{ selection: { session: uuidOf(9) }, reason: ' ' }, 400, 'bad_request'],
    [{ selection: { from: 'soon' }, reason }, 400, 'bad_request'],
    [{ selection: { session: uuidOf(9) }, reason }, 404, 'not_found'],
    [{ selection: { namespace: 'demo', to: '2020-01-01T00:00:00Z' }, reason }, 404, 'not_found'],
  ])('is refused: %j', async (body, status, code) => {
    await record(1);
    expect(codes(await as('carol', 'POST', 'holds', body))).toEqual([status, code]);
    expect(await world.installation.leavesOf('hold.placed')).toEqual([]);
  });

  test('that the bucket would not let us place is not logged', async () => {
    const session = await record(1);
    await world.setRole('hold', 'writer');
    expect(codes(await as('carol', 'POST', 'holds', { selection: { session }, reason }))).toEqual([403, 'forbidden']);
    expect(await world.installation.leavesOf('hold.placed')).toEqual([]);
  });

  test('that broke off after its leaf says so, and is finished by applying it', async () => {
    const session = await record(1);
    await world.fault({ kind: 'status', status: 503, times: 1000, match: { method: 'PATCH' } });
    const broken = await as('carol', 'POST', 'holds', { selection: { session }, reason });
    expect(codes(broken)).toEqual([503, 'unavailable']);
    expect(broken.text).toContain('apply it again');
    await world.clearFaults();
    const [leaf] = await world.installation.leavesOf('hold.placed');
    const again = await as('carol', 'POST', `holds/${String(leaf?.['hold'])}/apply`, {});
    expect([again.status, (await held()).length]).toEqual([200, 2]);
  });
});

describe('a purge', () => {
  test('names nothing and deletes nothing before retention ends; afterwards its leaf comes first', async () => {
    await record(1);
    expect(await purge()).toMatchObject({ objects: 0, retained: 2, deleted: 0 });
    await world.pass(30 * 86_400 - 3600);
    expect(await purge()).toMatchObject({ objects: 0, retained: 2 });
    expect(await world.installation.leavesOf('purge')).toEqual([]);
    await world.pass(7200);
    expect(await purge({ dryRun: true })).toMatchObject({ objects: 2, deleted: 0 });
    expect(await world.states('v1/records/')).toHaveLength(1);
    await world.fault({ kind: 'status', status: 503, times: 1000, match: { method: 'DELETE' } });
    expect(codes(await as('carol', 'POST', 'purges', { reason }))).toEqual([503, 'unavailable']);
    expect(await world.installation.leavesOf('purge')).toMatchObject([{ part: 1, parts: 1, by: { sub: 'carol' } }]);
    expect(await world.states('v1/records/')).toHaveLength(1);
    await world.clearFaults();
    expect(await purge()).toMatchObject({ objects: 2, deleted: 2 });
    expect(await world.states('v1/records/')).toEqual([]);
    expect((await world.states('v1/log/')).length).toBeGreaterThan(0);
  });

  test('keeps to a namespace and a time', async () => {
    await record(1);
    await world.pass(40 * 86_400);
    expect(await purge({ namespace: 'elsewhere' })).toMatchObject({ objects: 0 });
    const early = new Date(Date.now() - 86_400_000).toISOString();
    expect(await purge({ before: early })).toMatchObject({ objects: 0, retained: 2 });
    expect(await purge({ namespace: 'demo' })).toMatchObject({ objects: 2, deleted: 2 });
  });

  test('takes noncurrent generations too', async () => {
    await record(1);
    const [one] = await world.states('v1/records/');
    await world.overwrite(one?.name ?? '');
    await world.pass(40 * 86_400);
    expect(await purge()).toMatchObject({ objects: 3, deleted: 3 });
  });

  test('leaves every generation of a held object alone', async () => {
    const session = await record(1);
    const [one] = await world.states('v1/records/');
    await world.overwrite(one?.name ?? '');
    await place({ session });
    await world.pass(40 * 86_400);
    expect(await purge()).toMatchObject({ objects: 0, held: 3 });
  });

  test('is refused for a time to come, and without the purger account', async () => {
    await record(1);
    const later = new Date(world.nowMs() + 86_400_000).toISOString();
    expect(codes(await as('carol', 'POST', 'purges', { reason, before: later }))).toEqual([400, 'bad_request']);
    expect(codes(await as('carol', 'POST', 'purges', { reason, before: 'soon' }))).toEqual([400, 'bad_request']);
    await world.setRole('purge', 'writer');
    expect(codes(await as('carol', 'POST', 'purges', { reason }))).toEqual([403, 'forbidden']);
  });
});

test('nobody who is no custodian gets through, whatever is asked', async () => {
  const session = await record(1);
  for (const stranger of ['mallory', 'carola illegal-eu', 'group:legal-eu']) {
    for (const [method, path, body] of [
      ['GET', 'holds', undefined],
      ['POST', 'holds', { selection: { session }, reason }],
      ['POST', `holds/${uuidOf(1)}/apply`, {}],
      ['POST', `holds/${uuidOf(1)}/release`, { reason }],
      ['POST', 'purges', { reason }],
      ['POST', 'exports', {}],
      ['POST', 'actions', {}],
    ] as const) {
      expect(codes(await as(stranger, method, path, body))).toEqual([403, 'not_a_custodian']);
    }
  }
  const url = world.installation.controllers[0]?.url ?? '';
  expect(codes(await callHttps(url, 'GET', '/v1/custody/holds', { token: 'x' }))).toEqual([401, 'unauthenticated']);
  expect(await held()).toEqual([]);
});

test('a bucket that does not answer is a refusal for now, and ends nothing', async () => {
  for (let number = 1; number < 5; number += 1) await record(number);
  await world.fault({ kind: 'status', status: 503, times: 1000, match: { objectPrefix: 'v1/log/batch/' } });
  expect(codes(await as('carol', 'GET', 'holds'))).toEqual([503, 'unavailable']);
  expect(codes(await as('carol', 'POST', 'purges', { reason, dryRun: true }))).toEqual([503, 'unavailable']);
  await world.clearFaults();
  expect((await as('carol', 'GET', 'holds')).json()).toEqual({ holds: [] });
});

describe('what people state', () => {
  const checkpoint = { size: 3, root: 'a'.repeat(64) };

  test('becomes a leaf: an export', async () => {
    const body = { what: 'session', selection: { session: uuidOf(101) }, checkpoint, counts: { records: 4 }, reason };
    const answer = await as('carol', 'POST', 'exports', body);
    const { export: id, archived } = answer.json() as { export: string; archived: { index: number } };
    const leaves = await world.installation.leaves();
    expect(answer.status).toBe(201);
    expect(leaves[archived.index]).toMatchObject({ type: 'export', export: id, ...body, by: { sub: 'carol' } });
  });

  test('becomes a leaf: a privileged deed', async () => {
    const body = { action: 'replay', subject: 'demo/store', detail: { calls: 4, target: 'http://sandbox' }, reason };
    expect((await as('carol', 'POST', 'actions', body)).status).toBe(201);
    expect(await world.installation.leavesOf('admin.action')).toMatchObject([{ ...body, by: { sub: 'carol' } }]);
  });

  test.each([
    ['erasure', 409, 'erasure_impossible'],
    ['key.rotated', 400, 'bad_request'],
    ['anything', 400, 'bad_request'],
  ])('never that %s was done', async (action, status, code) => {
    expect(codes(await as('carol', 'POST', 'actions', { action, reason }))).toEqual([status, code]);
    expect(await world.installation.leavesOf('admin.action')).toEqual([]);
  });
});
