/** Keys of sealed bodies over real HTTP, beside an emulated bucket that is locked. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { approverAudience, sessionKeyPath, type ErasureView } from '@tachograph/protocol';
import { SignJWT } from 'jose';
import { statePaths } from './state/state-files.ts';
import { demoIssuer } from './state/state-issuers.ts';
import { startBucketInstallation, type BucketInstallation } from './testing/bucket-installation.ts';
import { callHttps, type Answer, type SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';

let world: BucketInstallation;
let sidecar: SidecarClient;
const session = uuidOf(101);
const stream = uuidOf(1);
const key = randomBytes(32).toString('base64');
const reason = 'request 17';

beforeEach(async () => {
  world = await startBucketInstallation({ TACHO_CUSTODIANS: 'carol,dan' });
  sidecar = await world.installation.enrol('store');
});
afterEach(async () => world.close());

async function record(): Promise<void> {
  const recorded = new TestStream({ stream });
  expect((await sidecar.open(recorded.opening)).status).toBe(201);
  recorded.appendSession(session);
  expect((await sidecar.putSegment(recorded.seal())).status).toBe(200);
}

/** `who`: subject, then an address. */
async function as(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const [sub = '', email] = who.split(' ');
  const url = world.installation.controllers[0]?.url ?? '';
  const signing = createPrivateKey(await readFile(statePaths.issuerKey(world.installation.state), 'utf8'));
  const token = await new SignJWT({ aud: approverAudience('test'), ...(email === undefined ? {} : { email }) })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(demoIssuer)
    .setSubject(sub)
    .setExpirationTime(new Date(world.nowMs() + 3_600_000))
    .sign(signing);
  return callHttps(url, method, `/v1/custody/${path}`, {
    token,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const codes = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code];
const put = async (from = sidecar, what = key) =>
  from.call('PUT', sessionKeyPath(session), { body: JSON.stringify({ stream, key: what }) });
const readKey = async (who = 'carol') => as(who, 'POST', `session-keys/${session}`, { reason });
const erasureOf = (answer: Answer) => (answer.json() as ErasureView).erasure;

async function kept(): Promise<string> {
  const dir = join(world.installation.state, 'session-keys');
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  // One that is deleted meanwhile is kept no more.
  return (await Promise.all(files.map(async (file) => readFile(file, 'utf8').catch(() => '')))).join('\n');
}

describe('a session key', () => {
  test('is taken from the recorder of its stream only, once, and kept wrapped', async () => {
    await record();
    const statuses = [await put(), await put(), await put(sidecar, randomBytes(32).toString('base64'))];
    expect(statuses.map(({ status }) => status)).toEqual([201, 200, 409]);
    expect((await put(await world.installation.enrol('other'))).status).toBe(403);
    expect((await put(sidecar, 'AAAA')).status).toBe(400);
    expect(await kept()).toContain(session);
    expect(await kept()).not.toContain(key);
  });

  test('is read by custodians, after the log says by whom and why', async () => {
    await record();
    await put();
    expect((await readKey()).json()).toEqual({ session, key });
    expect(await world.installation.leavesOf('admin.action')).toMatchObject([
      { action: 'session_key.read', subject: session, by: { sub: 'carol' }, reason },
    ]);
    expect(codes(await readKey('mallory'))).toEqual([403, 'not_a_custodian']);
    expect(codes(await as('carol', 'POST', `session-keys/${uuidOf(5)}`, { reason }))).toEqual([404, 'not_found']);
  });
});

describe('an erasure', () => {
  test('takes two custodians, is a leaf that names both, and no late delivery brings the key back', async () => {
    await record();
    await put();
    const asked = await as('carol', 'POST', 'erasures', { session, reason });
    expect([asked.status, asked.json()]).toMatchObject([201, { state: 'pending', session, by: { sub: 'carol' } }]);
    const confirm = `erasures/${erasureOf(asked)}/confirm`;
    expect(codes(await as('carol', 'POST', confirm, { reason }))).toEqual([403, 'own_call']);
    expect(codes(await as('mallory', 'POST', confirm, { reason }))).toEqual([403, 'not_a_custodian']);
    expect((await readKey()).status).toBe(200);

    expect((await as('dan', 'POST', confirm, { reason: 'checked' })).json()).toMatchObject({ state: 'confirmed' });
    expect((await as('dan', 'POST', confirm, { reason: 'again' })).status).toBe(200);
    expect(await world.installation.leavesOf('key.destroyed')).toMatchObject([
      { session, by: [{ sub: 'carol' }, { sub: 'dan' }], reason: `${reason}; confirmed: checked` },
    ]);
    expect((await put()).status).toBe(200);
    expect(codes(await readKey())).toEqual([404, 'not_found']);
    expect(await kept()).not.toContain('"wrapped"');
    const { erasures } = (await as('dan', 'GET', 'erasures')).json() as { erasures: ErasureView[] };
    expect(erasures).toMatchObject([{ state: 'confirmed', confirmed: { by: { sub: 'dan' }, reason: 'checked' } }]);
  });

  test('counts one person with two tokens once', async () => {
    await record();
    await put();
    const asked = await as('carol carol@example.com', 'POST', 'erasures', { session, reason });
    const path = `erasures/${erasureOf(asked)}/confirm`;
    expect(codes(await as('dan carol@example.com', 'POST', path, { reason }))).toEqual([403, 'own_call']);
  });

  test('is refused while a hold keeps the session, also when the hold came after it was asked for', async () => {
    await record();
    await put();
    const asked = await as('carol', 'POST', 'erasures', { session, reason });
    await as('carol', 'POST', 'holds', { selection: { session }, reason });
    expect(codes(await as('dan', 'POST', `erasures/${erasureOf(asked)}/confirm`, { reason }))).toEqual([
      409,
      'on_hold',
    ]);
    expect(codes(await as('carol', 'POST', 'erasures', { session, reason }))).toEqual([409, 'on_hold']);
    expect((await readKey()).status).toBe(200);
    expect(await world.installation.leavesOf('key.destroyed')).toEqual([]);
  });

  test('is over after a day', async () => {
    await record();
    await put();
    const asked = await as('carol', 'POST', 'erasures', { session, reason });
    await world.pass(86_401);
    const confirmed = await as('dan', 'POST', `erasures/${erasureOf(asked)}/confirm`, { reason });
    expect(codes(confirmed)).toEqual([409, 'approval_ended']);
  });

  test('is refused for a session whose bodies are not sealed, and for one that is not over', async () => {
    await put();
    expect(codes(await as('carol', 'POST', 'erasures', { session, reason }))).toEqual([409, 'erasure_impossible']);
    await record();
    expect(codes(await as('carol', 'POST', 'erasures', { session, reason }))).toEqual([409, 'erasure_impossible']);
  });

  test.each([
    ['was confirmed', false, 1],
    ['had marked the key and not deleted it', true, 0],
  ])('that %s before a crash is finished by the next start, beside a damaged one', async (_when, isMarked, leaves) => {
    await record();
    await put();
    const asked = await as('carol', 'POST', 'erasures', { session, reason });
    const keys = join(world.installation.state, 'session-keys/v1');
    const dir = join(keys, 'erasures', erasureOf(asked));
    const confirmed = { by: { iss: demoIssuer, sub: 'dan' }, reason: 'checked', at: new Date().toISOString() };
    const view = { ...(asked.json() as ErasureView), state: 'confirmed', confirmed };
    await writeFile(join(dir, 'confirmed.json'), JSON.stringify(view));
    await mkdir(join(keys, 'erasures', uuidOf(1)));
    await writeFile(join(keys, 'erasures', uuidOf(1), 'asked.json'), '{}');
    await mkdir(join(keys, 'destroyed'), { recursive: true });
    if (isMarked) await writeFile(join(keys, 'destroyed', session), 'destroyed\n');
    await world.installation.startController();
    for (let tries = 0; tries < 500 && (await kept()).includes('"wrapped"'); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await kept()).not.toContain('"wrapped"');
    expect(await world.installation.leavesOf('key.destroyed')).toHaveLength(leaves);
  });
});
