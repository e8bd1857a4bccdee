import { beforeEach, describe, expect, test } from '@jest/globals';
import { silentLogger } from '@tachograph/service';
import type { Leaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { generateSigningKeyPem, toSigningKey } from '../keys/signing-key.ts';
import type { PodEvent, PodFacts, Pods } from '../ports.ts';
import { openLeafOf } from '../testing/log-terms.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { StillClock } from '../testing/still-clock.ts';
import { TestStream, uuidOf } from '../testing/test-stream.ts';
import { createLogKey, holdKeys } from './log-key.ts';
import { startTerm, type Term } from './term.ts';

const pem = generateSigningKeyPem();
let clock: StillClock;
let store: ObjectStore;
let present: PodFacts[] | undefined;
let tell: (event: PodEvent) => void;
let halts: string[];
let isDeaf: boolean;

const pods: Pods = {
  sidecarStart: async () => ({ kind: 'absent' }),
  list: async () => {
    if (isDeaf) throw new Error('the API server does not answer');
    return present;
  },
  watch: async (handle) => {
    tell = handle;
    return () => undefined;
  },
};

beforeEach(() => {
  clock = new StillClock();
  store = createMemoryStore();
  present = [];
  halts = [];
  isDeaf = false;
});

/** Lets time pass while waiting, as group commit needs it. */
async function during<T>(work: Promise<T>): Promise<T> {
  const state = { settled: false };
  const settled = (): void => void (state.settled = true);
  work.then(settled, settled);
  for (let turn = 0; turn < 50 && !state.settled; turn += 1) await clock.pass(10);
  return work;
}

async function lead(key = pem): Promise<Term> {
  return during(
    startTerm(
      {
        settings: {
          cluster: 'test',
          gatherMs: 10,
          checkpointIntervalMs: 60_000,
          headsIntervalMs: 60_000,
          sweepIntervalMs: 15_000,
          lostAfterMs: 1_800_000,
        },
        store,
        keys: holdKeys(createLogKey('test', toSigningKey(key))),
        lease: { start: () => undefined, holder: () => undefined, stop: async () => undefined },
        pods,
        clock,
        timers: clock,
        log: silentLogger,
        onHalt: () => undefined,
      },
      { onHalt: (reason) => void halts.push(reason), alive: () => true },
    ),
  );
}

async function leaves(type: Leaf['type']): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = [];
  for await (const { name } of store.list('v1/log/batch/')) {
    const [text = ''] = Buffer.from((await store.get(name)) ?? [])
      .toString()
      .split('\n\n');
    for (const line of text.split('\n').slice(4)) found.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
  }
  return found.filter((leaf) => leaf['type'] === type);
}

function openLeaf(stream: TestStream, start: string, podUid = 'uid-1'): string {
  const receivedAt = new Date(clock.nowMs()).toISOString();
  return openLeafOf(stream, { pod: 'store-0', podUid, containerStartedAt: start, receivedAt });
}

const podOf = (facts: Partial<PodFacts> = {}): PodFacts => ({
  namespace: 'demo',
  pod: 'store-0',
  podUid: 'uid-1',
  labelled: true,
  injected: true,
  running: true,
  ...facts,
});

const startA = '2026-11-21T09:59:00Z';
const startB = '2026-11-21T10:00:00Z';
const startC = '2026-11-21T10:01:00Z';

describe('stream keys', () => {
  test('a second key for one start is pending for a minute, then a logged conflict', async () => {
    const { port } = await lead();
    const first = new TestStream({ stream: uuidOf(1) });
    const second = new TestStream({ stream: uuidOf(2) });
    await during(port.append([openLeaf(first, startA)]));
    const open = async (): Promise<unknown> => during(port.append([openLeaf(second, startA)]));
    await expect(open()).rejects.toMatchObject({ code: 'stream_pending' });
    await clock.pass(59_000);
    await expect(open()).rejects.toMatchObject({ code: 'stream_pending' });
    expect(await leaves('stream.conflict')).toEqual([]);
    await clock.pass(2000);
    await expect(open()).rejects.toMatchObject({ code: 'stream_conflict' });
    await expect(open()).rejects.toMatchObject({ code: 'stream_conflict' });
    expect(await leaves('stream.conflict')).toMatchObject([{ keyId: second.keyId, acceptedKeyId: first.keyId }]);
  });

  test('a pending key is taken when its start becomes visible', async () => {
    const { port } = await lead();
    const second = new TestStream({ stream: uuidOf(2) });
    await during(port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    await expect(during(port.append([openLeaf(second, startA)]))).rejects.toMatchObject({ code: 'stream_pending' });
    await during(port.append([openLeaf(second, startB)]));
    expect(await leaves('stream.open')).toHaveLength(2);
  });

  test('two replicas that ask at once get one answer: one key for the start', async () => {
    const { port } = await lead();
    const asked = [1, 2].map(async (id) =>
      during(port.append([openLeaf(new TestStream({ stream: uuidOf(id) }), startA)])),
    );
    const kinds = (await Promise.allSettled(asked)).map(({ status }) => status);
    expect(kinds.toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('the next leader still knows which start is taken', async () => {
    const before = await lead();
    await during(before.port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    await before.close();
    const { port } = await lead();
    const other = new TestStream({ stream: uuidOf(2) });
    await expect(during(port.append([openLeaf(other, startA)]))).rejects.toMatchObject({ code: 'stream_pending' });
  });
});

describe('leadership', () => {
  test('a leader that another one overtook halts and appends nothing more', async () => {
    const old = await lead();
    const newer = await lead();
    await during(newer.port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    const late = during(old.port.append([openLeaf(new TestStream({ stream: uuidOf(2) }), startB)]));
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    expect(halts).toEqual(['other bytes stand at log index 1']);
    expect(await leaves('stream.open')).toMatchObject([{ stream: uuidOf(1) }]);
    const again = old.port.append([openLeaf(new TestStream({ stream: uuidOf(3) }), startC)]);
    await expect(again).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('never signs two checkpoints of one size', async () => {
    const old = await lead();
    const newer = await lead();
    const stream = new TestStream({ stream: uuidOf(1) });
    await during(newer.port.append([openLeaf(stream, startA)]));
    await clock.pass(60_000);
    expect(newer.log.checkpoint()?.size).toBe(3);
    expect(old.log.checkpoint()?.size).toBe(1);
    const sizes: string[] = [];
    for await (const { name } of store.list('v1/log/checkpoint/')) sizes.push(name);
    expect(sizes).toHaveLength(3);
  });

  test('refuses to go on from a log that another key signed', async () => {
    await lead();
    await expect(lead(generateSigningKeyPem())).rejects.toMatchObject({ code: 'internal' });
  });

  test('refuses to go on from a log whose leaves were replaced under a signed checkpoint', async () => {
    const first = await lead();
    const { port } = first;
    await during(port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    await clock.pass(60_000);
    await first.close();
    const forged = createMemoryStore();
    const genuine = store;
    store = forged;
    const other = await lead();
    await during(other.port.append([openLeaf(new TestStream({ stream: uuidOf(9) }), startA)]));
    await other.close();
    const name = 'v1/log/checkpoint/0000000000000002';
    await forged.put(name, (await genuine.get(name)) ?? new Uint8Array());
    await expect(lead()).rejects.toMatchObject({ code: 'internal' });
  });

  test('refuses leaves that only a sequencer may write', async () => {
    const { port } = await lead();
    const lost = { v: 1, type: 'stream.lost', stream: uuidOf(1), lastArchivedSeq: 0, lastReportedSeq: 0 };
    const leaf = { ...lost, lastReportedDurableSeq: 0, lastContact: startA, reason: 'x', at: startA };
    await expect(port.append([JSON.stringify(leaf)])).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('coverage', () => {
  test('tells once that a pod is injected, and that it is gone', async () => {
    const { port } = await lead();
    await during(port.admitted({ namespace: 'demo', pod: 'store-0', podUid: 'uid-1', specDigest: 'd' }));
    tell({ kind: 'seen', pod: podOf() });
    await clock.pass(100);
    tell({ kind: 'gone', pod: podOf() });
    await clock.pass(100);
    expect(await leaves('pod.injected')).toMatchObject([{ podUid: 'uid-1', specDigest: 'd' }]);
    expect(await leaves('pod.deleted')).toMatchObject([{ podUid: 'uid-1' }]);
  });

  test('an admitted pod that nobody sees within a minute was rejected', async () => {
    const { port } = await lead();
    await during(port.admitted({ namespace: 'demo', pod: 'store-0', podUid: 'uid-1' }));
    await clock.pass(80_000);
    expect(await leaves('pod.rejected')).toMatchObject([{ podUid: 'uid-1' }]);
  });

  test('a recorded pod that runs for a minute without a stream is a gap, told once', async () => {
    await lead();
    tell({ kind: 'seen', pod: podOf() });
    await clock.pass(200_000);
    expect(await leaves('coverage.gap')).toMatchObject([{ podUid: 'uid-1', reason: 'no_stream' }]);
  });

  test('a labelled pod without the sidecar is a gap, an unlabelled one is named', async () => {
    await lead();
    tell({ kind: 'seen', pod: podOf({ injected: false }) });
    tell({ kind: 'seen', pod: podOf({ podUid: 'uid-2', injected: false, labelled: false }) });
    await clock.pass(100);
    expect(await leaves('coverage.gap')).toMatchObject([{ podUid: 'uid-1', reason: 'no_sidecar' }]);
    expect(await leaves('pod.unlabelled')).toMatchObject([{ podUid: 'uid-2' }]);
  });

  test('a pod that went while nobody led is told by the next leader', async () => {
    const before = await lead();
    tell({ kind: 'seen', pod: podOf() });
    await clock.pass(100);
    await before.close();
    await lead();
    expect(await leaves('pod.deleted')).toMatchObject([{ podUid: 'uid-1' }]);
  });

  test('heads are answered with the pods that are being deleted', async () => {
    const { port } = await lead();
    tell({ kind: 'seen', pod: podOf({ deletionTimestamp: startB }) });
    expect(await port.heads([])).toEqual([{ podUid: 'uid-1', deletionTimestamp: startB }]);
  });
});

describe('lost streams', () => {
  const head = { stream: uuidOf(1), seq: 7, hash: 'b'.repeat(64), durableSeq: 5 };

  test('a stream whose pod is gone is lost after ten minutes, with what it had reported', async () => {
    const { port } = await lead();
    tell({ kind: 'seen', pod: podOf() });
    await during(port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    await port.heads([head]);
    const contact = new Date(clock.nowMs()).toISOString();
    await clock.pass(1000);
    tell({ kind: 'gone', pod: podOf() });
    await clock.pass(590_000);
    expect(await leaves('stream.lost')).toEqual([]);
    await clock.pass(40_000);
    expect(await leaves('stream.lost')).toMatchObject([
      {
        lastArchivedSeq: -1,
        lastReportedSeq: 7,
        lastReportedDurableSeq: 5,
        reason: 'pod_deleted',
        lastContact: contact,
      },
    ]);
  });

  test('heads of a stream that did not move are not logged again', async () => {
    const { port } = await lead();
    await during(port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    await port.heads([head]);
    await clock.pass(70_000);
    await port.heads([head]);
    await clock.pass(70_000);
    expect(await leaves('stream.heads')).toHaveLength(1);
  });

  test('a silent stream is lost, and a new leader gives it its whole time', async () => {
    present = undefined;
    const before = await lead();
    await during(before.port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
    await clock.pass(1_700_000);
    await before.close();
    await lead();
    await clock.pass(1_700_000);
    expect(await leaves('stream.lost')).toEqual([]);
    await clock.pass(200_000);
    expect(await leaves('stream.lost')).toMatchObject([{ reason: 'contact_lost' }]);
  });

  test.each([
    ['a later one of its pod replaced', [1, 2]],
    ['was registered after the later one of its pod', [2, 1]],
  ])('a stream that %s ends after five silent minutes', async (_what, order) => {
    const { port } = await lead();
    for (const id of order) {
      const start = id === 1 ? startA : startB;
      await during(port.append([openLeaf(new TestStream({ stream: uuidOf(id) }), start)]));
    }
    await clock.pass(330_000);
    expect(await leaves('stream.lost')).toMatchObject([{ stream: uuidOf(1), reason: 'superseded' }]);
  });
});

test('a term that could not begin leaves nothing behind that writes into the next', async () => {
  isDeaf = true;
  await expect(lead()).rejects.toThrow('the API server does not answer');
  isDeaf = false;
  const { port } = await lead();
  await during(port.append([openLeaf(new TestStream({ stream: uuidOf(1) }), startA)]));
  for (let minute = 0; minute < 70; minute += 1) await clock.pass(60_000);
  expect(halts).toEqual([]);
  await during(port.append([openLeaf(new TestStream({ stream: uuidOf(2) }), startB)]));
  expect(await leaves('stream.open')).toHaveLength(2);
});
