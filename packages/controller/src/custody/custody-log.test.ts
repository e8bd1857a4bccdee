import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Leaf } from '@tachograph/protocol';
import { createDirectoryStore, type ObjectStore } from '@tachograph/store';
import { createHoldLog } from './custody-log.ts';

const by = { iss: 'https://issuer.example', sub: 'carol' };
const at = '2026-11-21T12:00:00.000Z';

let dir = '';
let store: ObjectStore;
let read: string[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-holds-'));
  const bucket = createDirectoryStore(dir);
  read = [];
  store = {
    create: async (name, bytes) => bucket.create(name, bytes),
    put: async (name, bytes) => bucket.put(name, bytes),
    list: (prefix, options) => bucket.list(prefix, options),
    async get(name) {
      read.push(name.slice(-2));
      return bucket.get(name);
    },
  };
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

/** As the sequencer writes it; nobody looks at the signature here. */
async function addBatch(first: number, ...leaves: readonly Leaf[]): Promise<void> {
  const lines = leaves.map((leaf) => `${JSON.stringify(leaf)}\n`).join('');
  const text = `tachograph/batch/v1\ntachograph.dev/demo\n${first}\n${leaves.length}\n${lines}`;
  const signature = `\u2014 tachograph.dev/demo ${Buffer.alloc(68).toString('base64')}\n`;
  await store.put(`v1/log/batch/${String(first).padStart(16, '0')}`, Buffer.from(`${text}\n${signature}`));
}

function placed(hold: string, part = 1, parts = 1): Leaf {
  const objects = [{ object: `v1/records/${hold}-${part}`, generation: '1' }];
  return { v: 1, type: 'hold.placed', hold, selection: {}, objects, part, parts, by, reason: 'r', at };
}

const released = (hold: string): Leaf => ({ v: 1, type: 'hold.released', hold, by, reason: 'over', at });

test('each batch is read once, however often the holds are asked for', async () => {
  const log = createHoldLog(store);
  expect(await log.read()).toEqual(new Map());
  await addBatch(0, placed('a'), placed('b', 1, 2));
  await addBatch(2, placed('b', 2, 2));
  const [first, again] = await Promise.all([log.read(), log.read()]);
  expect(again).toEqual(first);
  expect([...first.values()].map(({ hold, objects, missingParts }) => [hold, objects.length, missingParts])).toEqual([
    ['a', 1, 0],
    ['b', 2, 0],
  ]);
  await addBatch(3, released('a'));
  expect((await log.read()).get('a')?.released).toMatchObject({ by });
  expect(read).toEqual(['00', '02', '03']);
});

test('a batch that could not be read is read the next time', async () => {
  const bucket = store;
  let fails = true;
  const log = createHoldLog({
    ...bucket,
    async get(name) {
      if (fails && name.endsWith('2')) throw new Error('no answer');
      return bucket.get(name);
    },
  });
  await addBatch(0, placed('a'));
  await addBatch(2, placed('b'));
  await expect(log.read()).rejects.toThrow('no answer');
  fails = false;
  expect([...(await log.read()).keys()]).toEqual(['a', 'b']);
});
