import { describe, expect, test } from '@jest/globals';
import type { SegmentLeaf, SessionManifestLeaf } from '@tachograph/protocol';
import fc from 'fast-check';
import { type Logged, type LoggedHead, loggedHeads, loggedManifests, loggedSegments } from './packed-leaves.ts';
import { PackedList } from './packed-list.ts';

const hash = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: 64, maxLength: 64 });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const text = fc.oneof(fc.string(), fc.uuid(), fc.constantFrom('1', '1795299977400000', '2026-11-21T12:00:00.000Z'));
const place = fc.oneof(
  fc.record({ object: text, line: fc.nat() }),
  fc.record({ object: fc.constantFrom('v1/log/batch/0000000000000100') }),
);

function logged<Leaf>(leaf: fc.Arbitrary<Leaf>): fc.Arbitrary<Logged<Leaf>> {
  return fc.record({ leaf, index: count, place });
}

const stored = { object: text, generation: text, size: count, sha256: hash, stream: text, receivedAt: text };
const v = fc.constant<1>(1);
const segment: fc.Arbitrary<SegmentLeaf> = fc.record({
  v,
  type: fc.constant<'segment'>('segment'),
  ...stored,
  first: count,
  last: count,
  firstPrev: hash,
  lastHash: hash,
  signedSeq: fc.oneof(count, fc.constant(-1)),
  sig: text,
  keyId: text,
  unsignedTail: count,
  blobs: fc.array(fc.record({ sha256: hash, size: count }), { maxLength: 3 }),
});
const manifest: fc.Arbitrary<SessionManifestLeaf> = fc.record({
  v,
  type: fc.constant<'session.manifest'>('session.manifest'),
  ...stored,
  session: text,
  rev: count,
});
const head: fc.Arbitrary<LoggedHead> = fc.record({
  seq: count,
  hash,
  durableSeq: fc.oneof(count, fc.constant(-1)),
  at: text,
  place,
});

describe('packed leaves', () => {
  test('give back segments as they were', () => {
    expect(() => round(logged(segment), loggedSegments)).not.toThrow();
  });

  test('give back manifests as they were', () => {
    expect(() => round(logged(manifest), loggedManifests)).not.toThrow();
  });

  test('give back heads as they were', () => {
    expect(() => round(head, loggedHeads)).not.toThrow();
  });

  test('take less than 100 bytes for a manifest', () => {
    const list = new PackedList(loggedManifests);
    const stream = '01932b00-0000-7000-8000-000000000001';
    for (let n = 0; n < 1000; n += 1) list.push(ordinary(stream, n));
    expect([...list]).toHaveLength(1000);
    expect(list.data().bytes.length / 1000).toBeLessThan(100);
  });
});

function round<Row>(row: fc.Arbitrary<Row>, codec: ConstructorParameters<typeof PackedList<Row>>[0]): void {
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (rows, more) => {
      const list = new PackedList(codec);
      for (const one of rows) list.push(one);
      expect([...list]).toEqual(rows);
      expect(list.length).toBe(rows.length);
      // In another thread, where it may go on.
      const copy = new PackedList(codec, structuredClone(list.data()));
      for (const one of more) copy.push(one);
      expect([...copy]).toEqual([...rows, ...more]);
    }),
  );
}

function ordinary(stream: string, n: number): Logged<SessionManifestLeaf> {
  const session = `01932b00-${(n * 7919).toString(16).padStart(4, '0').slice(-4)}-7000-8000-a${n.toString(16).padStart(11, '0')}`;
  const sha256 = (n * 2654435761).toString(16).padStart(16, '0').repeat(4);
  const receivedAt = new Date(Date.UTC(2026, 10, 21) + n * 997).toISOString();
  const object = `v1/sessions/cluster=c/namespace=n/dt=2026-11-21/${session}-0-${sha256.slice(0, 16)}.json`;
  const common = {
    v: 1,
    type: 'session.manifest',
    generation: `17952999${77400000 + n * 1237}`,
    size: 900 + n,
  } as const;
  return {
    leaf: { ...common, object, sha256, session, stream, rev: 0, receivedAt },
    index: n * 3,
    place: { object: `v1/log/batch/${String(Math.floor(n / 100) * 100).padStart(16, '0')}`, line: (n % 100) + 5 },
  };
}
