import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootOf, signBatch, signCheckpoint } from '@tachograph/archive';
import { createDirectoryStore, type ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { until } from '../testing/installation.ts';
import { LogTerms } from '../testing/log-terms.ts';
import { uuidOf } from '../testing/test-stream.ts';
import { verifyBucket } from '../testing/verify.ts';
import { leafHashOf } from './leaf-hash.ts';

let dir: string;
let terms: LogTerms;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-take-over-'));
  terms = new LogTerms(createDirectoryStore(dir));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

/** The store as another process sees it: something happens just before its first creation of this name. */
function before(name: string, happens: () => Promise<unknown>): ObjectStore {
  let due = true;
  return {
    ...storeOf(terms.store),
    async create(created, bytes) {
      if (due && created === name) {
        due = false;
        await happens();
      }
      return terms.store.create(created, bytes);
    },
  };
}

function storeOf(store: ObjectStore): ObjectStore {
  return {
    create: async (name, bytes) => store.create(name, bytes),
    get: async (name, options) => store.get(name, options),
    list: (prefix, options) => store.list(prefix, options),
    put: async (name, bytes) => store.put(name, bytes),
  };
}

const checkpoint = (size: number): string => `v1/log/checkpoint/${String(size).padStart(16, '0')}`;
const batch = (index: number): string => `v1/log/batch/${String(index).padStart(16, '0')}`;

/** Without findings about objects: there are none behind these leaves. */
async function logFindings(): Promise<readonly string[]> {
  const { findings } = await verifyBucket(terms.store, terms.key.vkey);
  return findings.filter(({ kind }) => /^(batch|checkpoint|leaf|period)\./.test(kind)).map(({ kind }) => kind);
}

describe('takeover', () => {
  test('a new leader goes on from the last batch of the old one, also when that came after it had read', async () => {
    const old = await terms.lead();
    await terms.during(old.port.append([terms.openLeaf(1)]));
    // The old leader still has a segment in hand when the new one has read the log and begins its term.
    const lastWords = async (): Promise<unknown> => terms.during(old.port.append([terms.segmentLeaf(1, 0, 9)]));
    const newer = await terms.lead({ store: before(batch(2), lastWords) });
    const next = await terms.during(newer.port.append([terms.segmentLeaf(1, 10, 19)]));
    expect(next).toMatchObject([{ index: 4 }]);
    expect((await terms.leaves()).map(({ type }) => type)).toEqual([
      'key.log',
      'stream.open',
      'segment',
      'log.term',
      'segment',
    ]);
    expect(await newer.port.stream({ stream: uuidOf(1) })).toMatchObject({ lastSeq: 19 });
    expect(terms.halts).toEqual([]);
  });

  test('the old leader can add nothing once the new one has begun, and halts', async () => {
    const old = await terms.lead();
    await terms.during(old.port.append([terms.openLeaf(1)]));
    await terms.lead();
    await expect(terms.during(old.port.append([terms.segmentLeaf(1, 0, 9)]))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(terms.halts).toEqual(['other bytes stand at log index 2']);
    expect(await logFindings()).toEqual([]);
  });

  test('gives up when another process does not stop writing', async () => {
    const old = await terms.lead();
    const intruding: ObjectStore = {
      ...storeOf(terms.store),
      async create(name, bytes) {
        if (name.startsWith('v1/log/batch/')) await terms.during(old.port.append([terms.openLeaf(writes++)]));
        return terms.store.create(name, bytes);
      },
    };
    let writes = 1;
    await expect(terms.lead({ store: intruding })).rejects.toMatchObject({ code: 'internal' });
  });

  test('a checkpoint that an earlier leader stored at this very size is taken, with its cosignatures', async () => {
    await (await terms.lead()).close();
    const name = 'v1/log/checkpoint/0000000000000002';
    let stored = '';
    const lateAnswer = async (): Promise<void> => {
      const root = rootOf(
        nodeCrypto,
        (await terms.leaves()).map((leaf) => leafHashOf(JSON.stringify(leaf))),
      );
      const head = { origin: terms.key.origin, size: 2, root };
      const cosigned = `\u2014 witness ${Buffer.alloc(76).toString('base64')}\n`;
      stored = signCheckpoint(head, terms.key.note, terms.sign) + cosigned;
      await terms.store.create(name, Buffer.from(stored));
    };
    const { log } = await terms.lead({ store: before(name, lateAnswer) });
    expect(log.checkpoint()).toEqual({ note: stored, size: 2 });
    expect(terms.halts).toEqual([]);
  });

  test('another tree under a signed checkpoint of this size halts the leader', async () => {
    await (await terms.lead()).close();
    const name = 'v1/log/checkpoint/0000000000000002';
    const head = { origin: terms.key.origin, size: 2, root: Buffer.alloc(32) };
    const other = signCheckpoint(head, terms.key.note, terms.sign);
    await terms.lead({ store: before(name, async () => terms.store.create(name, Buffer.from(other))) });
    expect(terms.halts).toEqual(['another checkpoint exists at size 2']);
  });
});

describe('a checkpoint name that junk has taken', () => {
  test('is left alone, and the next size is signed', async () => {
    const { log, port } = await terms.lead();
    await terms.store.create(checkpoint(2), Buffer.from('junk'));
    await terms.during(port.append([terms.openLeaf(1)]));
    await terms.clock.pass(61_000);
    expect(log.checkpoint()?.size).toBe(1);
    await terms.during(port.append([terms.openLeaf(2)]));
    await terms.clock.pass(61_000);
    await until('the next size', () => (log.checkpoint()?.size === 3 ? true : undefined));
    expect(terms.halts).toEqual([]);
    expect(await logFindings()).toEqual(['checkpoint.invalid']);
  });

  test('does not keep a new leader from comparing the newest that is signed', async () => {
    const { port } = await terms.lead();
    await terms.during(port.append([terms.openLeaf(1)]));
    await terms.clock.pass(61_000);
    await until('a checkpoint', async () => ((await terms.store.get(checkpoint(2))) === undefined ? undefined : true));
    await terms.store.create(checkpoint(9), Buffer.from('junk'));
    const { log } = await terms.lead();
    expect(log.size()).toBe(3);
    const head = { origin: terms.key.origin, size: 8, root: Buffer.alloc(32) };
    const ahead = signCheckpoint(head, terms.key.note, terms.sign);
    await terms.store.create(checkpoint(8), Buffer.from(ahead));
    await expect(terms.lead()).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a batch name that junk has taken', () => {
  test('is passed over by the next name, and the log verifies', async () => {
    const { port } = await terms.lead();
    await terms.store.create(batch(1), Buffer.from('junk'));
    expect(await terms.during(port.append([terms.openLeaf(1)]))).toMatchObject([{ index: 1 }]);
    expect(await terms.store.get(`${batch(1)}-1`)).toBeDefined();
    const newer = await terms.lead();
    expect(await terms.during(newer.port.append([terms.segmentLeaf(1, 0, 9)]))).toMatchObject([{ index: 3 }]);
    expect(await logFindings()).toEqual(['batch.skipped']);
  });

  test('does not keep a new leader from beginning', async () => {
    const old = await terms.lead();
    await old.close();
    await terms.store.create(batch(1), Buffer.from('junk'));
    const { port } = await terms.lead();
    expect(await terms.during(port.append([terms.openLeaf(1)]))).toMatchObject([{ index: 2 }]);
  });

  test('stops a leader where it claims to be a batch: the last one may have been damaged', async () => {
    const old = await terms.lead();
    await old.close();
    const forged = { origin: terms.key.origin, firstIndex: 1, leaves: ['{"v":1}'] };
    const note = signBatch(forged, terms.key.note, () => Buffer.alloc(64));
    await terms.store.create(batch(1), Buffer.from(note));
    await expect(terms.lead()).rejects.toMatchObject({ code: 'internal' });
  });
});
