import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createNoteKey, formatVkey, signBatch, type NoteKey } from '@tachograph/archive';
import { objectNames, type SegmentLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { TestStream, uuidOf } from '../testing/test-stream.ts';
import { readEvents } from './read-events.ts';
import type { SinkPosition } from './sink-cursor.ts';

const origin = 'tachograph.dev/test';
const start: SinkPosition = { batch: 0, index: 0, lines: 0 };

interface Key {
  readonly note: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

function newKey(): Key {
  const pair = generateKeyPairSync('ed25519');
  const note = createNoteKey(nodeCrypto, origin, pair.publicKey.export({ type: 'spki', format: 'der' }));
  return { note, sign: (message) => sign(null, message, pair.privateKey) };
}

let store: ObjectStore;
let key: Key;
beforeEach(() => {
  store = createMemoryStore();
  key = newKey();
});

async function batch(
  firstIndex: number,
  leaves: readonly object[],
  by = key,
  name = objectNames.batch(firstIndex),
): Promise<void> {
  const texts = leaves.map((leaf) => JSON.stringify(leaf));
  await store.create(name, Buffer.from(signBatch({ origin, firstIndex, leaves: texts }, by.note, by.sign)));
}

function podLeaf(pod: string): object {
  return { v: 1, type: 'pod.deleted', cluster: 'c', namespace: 'n', pod, podUid: pod, at: '2026-11-21T10:00:00Z' };
}

/** A segment of three records, and its leaf. */
async function segment(): Promise<SegmentLeaf> {
  const stream = new TestStream({ stream: uuidOf(1) });
  stream.append({ kind: 'heartbeat' });
  stream.append({ kind: 'stream.close' });
  const { bytes, fileName, last } = stream.seal();
  const object = `v1/records/cluster=c/namespace=n/dt=2026-11-21/${fileName}`;
  await store.create(object, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const zero = '0'.repeat(64);
  const signed = { signedSeq: last, sig: '', keyId: stream.keyId, unsignedTail: 0, blobs: [], receivedAt: 't' };
  const span = { stream: stream.stream, first: 0, last, firstPrev: zero, lastHash: stream.lastHash };
  return { v: 1, type: 'segment', object, generation: '1', size: bytes.length, sha256, ...span, ...signed };
}

interface Read {
  readonly ids: readonly string[];
  /** That leaves of pods tell of. */
  readonly pods: readonly unknown[];
  readonly next: SinkPosition;
}

async function read(from = start): Promise<Read> {
  const ids: string[] = [];
  const pods: unknown[] = [];
  let next = from;
  const vkey = formatVkey(key.note);
  const options = { store, vkey: async () => vkey, placeOf: async () => undefined, bodies: false };
  for await (const placed of readEvents(options, from)) {
    if (placed.event !== undefined)
      ids.push(placed.event.type === 'sink.unsent' ? `unsent ${placed.event.id}` : placed.event.id);
    pods.push(...[placed.event?.facts['pod'] ?? []].flat());
    next = placed.next;
  }
  return { ids, pods, next };
}

const stream = uuidOf(1);

describe('the events of a log', () => {
  test('are its leaves and the lines of its segments, in order', async () => {
    await batch(0, [podLeaf('a'), await segment()]);
    await batch(2, [podLeaf('b')]);
    expect(await read()).toEqual({
      ids: ['log:0', `${stream}:0`, `${stream}:1`, `${stream}:2`, 'log:2'],
      pods: ['a', 'b'],
      next: { batch: 2, index: 3, lines: 0 },
    });
  });

  test('go on in the middle of a segment', async () => {
    await batch(0, [podLeaf('a'), await segment(), podLeaf('b')]);
    expect((await read({ batch: 0, index: 1, lines: 2 })).ids).toEqual([`${stream}:2`, 'log:2']);
  });

  test('pass over junk that took a batch’s name, and over what another wrote beside it', async () => {
    await store.create(objectNames.batch(0), Buffer.from('junk'));
    await batch(0, [podLeaf('a')], key, `${objectNames.batch(0)}-1`);
    const forger = newKey();
    const forged = signBatch(
      { origin, firstIndex: 1, leaves: [JSON.stringify(podLeaf('evil'))] },
      key.note,
      forger.sign,
    );
    await store.create(objectNames.batch(1), Buffer.from(forged));
    await batch(1, [podLeaf('b')], key, `${objectNames.batch(1)}-1`);
    expect(await read()).toMatchObject({ ids: ['log:0', 'log:1'], pods: ['a', 'b'], next: { index: 2 } });
  });

  test('reach back to what a retired key signed', async () => {
    await batch(0, [podLeaf('a')], newKey());
    await batch(1, [podLeaf('b')]);
    expect((await read()).ids).toEqual(['log:0', 'log:1']);
  });

  test('stop where a batch is absent, rather than go on without it', async () => {
    await batch(0, [podLeaf('a')]);
    await batch(2, [podLeaf('c')]);
    await expect(read()).rejects.toMatchObject({ message: 'the log goes on at leaf 2, expected 1' });
  });

  test('say what cannot be sent: gone, or not what the log names', async () => {
    const leaf = await segment();
    await batch(0, [
      { ...leaf, object: 'v1/records/gone' },
      { ...leaf, sha256: 'f'.repeat(64) },
    ]);
    expect((await read()).ids).toEqual(['unsent log:0', 'unsent log:1']);
  });

  test('say what is no gzip', async () => {
    const bytes = gzipSync('x').subarray(0, 12);
    await store.create('v1/records/torn', bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await batch(0, [{ ...(await segment()), object: 'v1/records/torn', sha256 }]);
    expect((await read()).ids).toEqual(['unsent log:0']);
  });
});
