import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts';
import { createKubeOver, type Kube } from './kube.ts';
import type { Pod } from './objects.ts';
import type { WatchHandle } from './reflector.ts';

const pods = '/api/v1/pods';
const quiet = { info: () => undefined, warn: () => undefined };

/** Restarts happen at once, or, while held, only when the test lets them. */
let held: (() => void)[] | undefined;
const gate = {
  after(_delayMs: number, run: () => void): () => void {
    if (held === undefined) setTimeout(run, 1);
    else held.push(run);
    return () => undefined;
  },
  release(): void {
    const runs = held ?? [];
    held = undefined;
    for (const run of runs) run();
  },
};

let server: FakeApiServer;
let kube: Kube;
let seen: string[];
let watch: WatchHandle<Pod>;

function pod(name: string, uid = `uid-${name}`): { metadata: { name: string; namespace: string; uid: string } } {
  return { metadata: { name, namespace: 'team-a', uid } };
}

function startWatch(): WatchHandle<Pod> {
  return kube.watchPods(
    {},
    {
      onObject: (it) => void seen.push(`+${it.name}`),
      onDeleted: (it) => void seen.push(`-${it.name}`),
    },
  );
}

/** Ends the watch and keeps it from coming back before `gate.release()`. */
async function interrupt(how: 'close' | 'reset'): Promise<void> {
  held = [];
  server.endWatches(how);
  await until(() => held?.length === 1 && server.openWatches() === 0);
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 6000 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

beforeEach(async () => {
  server = await startFakeApiServer();
  kube = createKubeOver(server.transport, { log: quiet, timers: gate, random: () => 0.5 });
  seen = [];
  held = undefined;
  for (const name of ['a', 'b', 'c']) server.put(pods, pod(name));
  watch = startWatch();
  await watch.synced;
  await until(() => server.openWatches() === 1);
});

afterEach(async () => {
  watch.stop();
  await server.close();
});

describe('a pod watch', () => {
  test('delivers every page of the first list, then changes', async () => {
    expect(seen).toEqual(['+a', '+b', '+c']);
    server.put(pods, pod('d'));
    server.remove(pods, 'a');
    await until(() => seen.length === 5);
    expect(seen.slice(3)).toEqual(['+d', '-a']);
    expect(watch.list().map((it) => it.name)).toEqual(['b', 'c', 'd']);
    expect(watch.get('team-a', 'a')).toBeUndefined();
  });

  test('watches again from the last version after a clean close, without a second list', async () => {
    const lists = (): number => server.requests.filter((it) => it.url.searchParams.get('watch') === null).length;
    const before = lists();
    await interrupt('close');
    server.put(pods, pod('d'));
    gate.release();
    await until(() => seen.includes('+d'));
    expect(lists()).toBe(before);
  });

  test('survives a reset connection', async () => {
    await interrupt('reset');
    server.put(pods, pod('d'));
    gate.release();
    await until(() => seen.includes('+d'));
    expect(watch.get('team-a', 'd')).toMatchObject({ uid: 'uid-d' });
  });

  test('survives an API server that refuses the list for a while after 410', async () => {
    let refusals = 3;
    server.respond(({ url }) => {
      if (url.searchParams.get('watch') === 'true' || refusals === 0) return undefined;
      refusals -= 1;
      return { status: 500, body: { message: 'etcd is away' } };
    });
    await interrupt('close');
    server.remove(pods, 'b');
    server.compact();
    gate.release();
    await until(() => seen.includes('-b'));
    expect(refusals).toBe(0);
  });

  test('reports what was deleted and made again between two lists as two pods', async () => {
    await interrupt('close');
    server.remove(pods, 'a');
    server.put(pods, pod('a', 'uid-second'));
    server.put(pods, pod('z'));
    server.compact();
    gate.release();
    await until(() => seen.includes('+z'));
    expect(seen.filter((it) => it.endsWith('a'))).toEqual(['+a', '-a', '+a']);
    expect(watch.get('team-a', 'a')?.uid).toBe('uid-second');
  });

  test('goes on when a handler throws', async () => {
    watch.stop();
    const names: string[] = [];
    watch = kube.watchPods(
      {},
      {
        onObject(it) {
          names.push(it.name);
          throw new Error('handler');
        },
      },
    );
    await watch.synced;
    server.put(pods, pod('d'));
    await until(() => names.includes('d'));
    expect(names).toEqual(['a', 'b', 'c', 'd']);
  });

  test('makes no request after stop', async () => {
    watch.stop();
    await until(() => server.openWatches() === 0);
    const before = server.requests.length;
    server.put(pods, pod('d'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.requests.length).toBe(before);
    expect(seen).toEqual(['+a', '+b', '+c']);
  });
});
