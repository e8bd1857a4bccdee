/** Both places of login state against one contract: objects of an API server, and files of a state directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NewLoginEntry } from '@tachograph/authserver';
import type { LoginKeeper } from '../packages/controller/src/auth/login-keeper.ts';
import { createKubeLogins } from '../packages/controller/src/kube/kube-logins.ts';
import { createStateLogins } from '../packages/controller/src/state/state-logins.ts';
import { StillClock } from '../packages/controller/src/testing/still-clock.ts';
import { createKubeOver } from '../packages/kube/src/kube.ts';
import { startFakeApiServer, type FakeApiServer } from '../packages/kube/src/testing/fake-api-server.ts';

const quiet = { info: () => undefined, warn: () => undefined };
const collection = '/apis/tachograph.dev/v1alpha1/namespaces/system/mcplogins';
const [key, other, third] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const;
const grant = 'd'.repeat(64);
const minuteMs = 60_000;

/** A place, seen by two replicas. */
interface Place {
  readonly replicas: readonly [LoginKeeper, LoginKeeper];
  close(): Promise<void>;
}

async function openKube(clock: StillClock): Promise<Place> {
  const server = await startFakeApiServer();
  server.put(collection, { metadata: { name: 'login-earlier', namespace: 'system' } });
  server.remove(collection, 'login-earlier');
  const open = (): LoginKeeper => createKubeLogins(createKubeOver(server.transport, { log: quiet }), 'system', clock);
  return { replicas: [open(), open()], close: async () => server.close() };
}

async function openState(clock: StillClock): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'tachograph-logins-'));
  return {
    replicas: [createStateLogins(dir, clock), createStateLogins(dir, clock)],
    close: async () => rm(dir, { recursive: true }),
  };
}

describe.each([
  ['objects of the API server', openKube],
  ['files of the state directory', openState],
])('login state in %s', (_name, open) => {
  let clock: StillClock;
  let place: Place;
  let [one, two]: readonly LoginKeeper[] = [];

  beforeEach(async () => {
    clock = new StillClock();
    place = await open(clock);
    [one, two] = place.replicas;
  });
  afterEach(async () => place.close());

  const replica = (): LoginKeeper => one as LoginKeeper;
  const peer = (): LoginKeeper => two as LoginKeeper;
  const entry = (changes: Partial<NewLoginEntry> = {}): NewLoginEntry => ({
    data: 'sealed',
    kind: 'AuthorizationCode',
    expiresAtMs: clock.nowMs() + minuteMs,
    ...changes,
  });

  test('another replica reads what one wrote, with its lifetime and indexes', async () => {
    const written = entry({ grant, uid: other, subject: third });
    expect(await replica().write(key, written)).toBe('written');
    expect(await peer().read(key)).toEqual({ ...written, version: expect.any(String) });
    expect(await peer().read(other)).toBeUndefined();
  });

  test('without a version the newer write stays', async () => {
    await replica().write(key, entry({ data: 'first', grant }));
    await peer().write(key, entry({ data: 'second' }));
    expect(await replica().read(key)).toMatchObject({ data: 'second' });
    expect(await replica().keysOf({ name: 'grant', value: grant })).toEqual([]);
  });

  test('of many who consume one version at once, on all replicas, one succeeds', async () => {
    await replica().write(key, entry());
    const { version } = (await replica().read(key)) ?? {};
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, async (_, at) =>
        (at % 2 === 0 ? replica() : peer()).write(key, entry({ data: `consumed by ${at}` }), version),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    const winner = outcomes.indexOf('written');
    expect(await peer().read(key)).toMatchObject({ data: `consumed by ${winner}` });
  });

  test('a version that was replaced, or removed, is a conflict and changes nothing', async () => {
    await replica().write(key, entry());
    const { version } = (await replica().read(key)) ?? {};
    await peer().write(key, entry({ data: 'newer' }));
    expect(await replica().write(key, entry({ data: 'late' }), version)).toBe('conflict');
    expect(await replica().read(key)).toMatchObject({ data: 'newer' });
    const { version: newer } = (await replica().read(key)) ?? {};
    await peer().remove(key);
    expect(await replica().write(key, entry({ data: 'late' }), newer)).toBe('conflict');
    expect(await replica().read(key)).toBeUndefined();
  });

  test('a key that many write without looking ends with one of them, and no writer fails', async () => {
    const writers = Array.from({ length: 4 }, async (_, at) =>
      (at % 2 === 0 ? replica() : peer()).write(key, entry({ data: `by ${at}` })),
    );
    expect(await Promise.all(writers)).toEqual(['written', 'written', 'written', 'written']);
    expect((await replica().read(key))?.data).toMatch(/^by \d$/);
  });

  test('what was written twenty times over is read as it was written last', async () => {
    for (let at = 0; at < 20; at += 1) await replica().write(key, entry({ data: `write ${at}` }));
    expect(await peer().read(key)).toMatchObject({ data: 'write 19' });
    await peer().remove(key);
    expect(await replica().read(key)).toBeUndefined();
  });

  test('finds together what shares an index, and nothing else', async () => {
    await replica().write(key, entry({ grant }));
    await replica().write(other, entry({ grant }));
    await replica().write(third, entry({ grant: `${'d'.repeat(63)}e`, uid: grant }));
    expect((await peer().keysOf({ name: 'grant', value: grant })).toSorted()).toEqual([key, other]);
    expect(await peer().keysOf({ name: 'uid', value: grant })).toEqual([third]);
    expect(await peer().keysOf({ name: 'subject', value: grant })).toEqual([]);
  });

  test('an entry whose time is over is not read any more, and can be written again', async () => {
    await replica().write(key, entry());
    await clock.pass(minuteMs);
    expect(await replica().read(key)).toBeUndefined();
    expect(await replica().write(key, entry({ data: 'anew' }))).toBe('written');
    expect(await replica().read(key)).toMatchObject({ data: 'anew' });
  });

  test('a sweep removes what is over, whoever sweeps too, and counts the rest by kind', async () => {
    await replica().write(key, entry());
    await replica().write(other, entry({ kind: 'Client', expiresAtMs: clock.nowMs() + 3 * minuteMs }));
    await replica().write(third, entry({ kind: 'Client', expiresAtMs: clock.nowMs() + 3 * minuteMs }));
    await clock.pass(minuteMs);
    const sweeps = await Promise.all([replica().sweep(), peer().sweep()]);
    expect(sweeps.map(({ removed }) => removed)).toContain(1);
    expect(await replica().sweep()).toEqual({ removed: 0, kept: new Map([['Client', 2]]) });
    expect(await replica().read(other)).toBeDefined();
  });

  test('removing what is not there is no fault', async () => {
    await expect(replica().remove(key)).resolves.toBeUndefined();
  });

  test('no name is made of anything but a digest', async () => {
    await expect(replica().write('../../etc/passwd', entry())).rejects.toMatchObject({ code: 'internal' });
    await expect(replica().write(key, entry({ grant: 'a,b=c' }))).rejects.toMatchObject({ code: 'internal' });
    expect(await replica().keysOf({ name: 'grant', value: 'a,tachograph.dev/uid=b' })).toEqual([]);
  });
});

describe('login state while the API server fails', () => {
  let server: FakeApiServer;
  beforeEach(async () => void (server = await startFakeApiServer()));
  afterEach(async () => server.close());

  test('is unavailable, never absent', async () => {
    server.respond(() => ({ status: 500, body: { kind: 'Status' } }));
    const logins = createKubeLogins(createKubeOver(server.transport, { log: quiet }), 'system', new StillClock());
    await expect(logins.read(key)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(logins.remove(key)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(logins.sweep()).rejects.toMatchObject({ code: 'unavailable' });
    const entry = { data: 'sealed', kind: 'Client', expiresAtMs: 1 };
    await expect(logins.write(key, entry)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
