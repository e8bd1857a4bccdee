/** Segments that a sequencer no longer has in memory in full. */
import { beforeEach, expect, test } from '@jest/globals';
import type { SegmentLeaf } from '@tachograph/protocol';
import { createMemoryStore } from '../testing/memory-store.ts';
import { LogTerms } from '../testing/log-terms.ts';
import { uuidOf } from '../testing/test-stream.ts';
import type { Term } from './term.ts';

const count = 300;
let failing: boolean;
let terms: LogTerms;
let term: Term;

beforeEach(async () => {
  failing = false;
  const store = createMemoryStore();
  terms = new LogTerms({
    ...store,
    async get(name) {
      if (failing) throw new Error('no bucket');
      return store.get(name);
    },
  });
  term = await terms.lead();
  await terms.during(term.port.append([terms.openLeaf(1)]));
  const segments = Array.from({ length: count }, (_, at) => terms.segmentLeaf(1, at * 10, at * 10 + 9));
  await terms.during(term.port.append(segments));
});

const refOf = ({ object, generation, sha256, first, last }: SegmentLeaf) => ({
  object,
  generation,
  sha256,
  first,
  last,
});

async function askSegments(first: number, last: number): Promise<readonly unknown[] | undefined> {
  const view = await terms.during(term.port.stream({ stream: uuidOf(1), segments: { first, last } }));
  return view?.segments;
}

async function logged(): Promise<readonly SegmentLeaf[]> {
  return terms.leavesOf('segment');
}

test.each(['same', 'next'])('the %s leader answers all segments of a range, past ones too', async (leader) => {
  if (leader === 'next') {
    await term.close();
    term = await terms.lead();
  }
  const leaves = await logged();
  expect(leaves).toHaveLength(count);
  expect(await askSegments(0, 1e9)).toEqual(leaves.map(refOf));
  expect(await askSegments(15, 30)).toEqual(leaves.slice(1, 4).map(refOf));
  expect(await askSegments(2999, 2999)).toEqual(leaves.slice(-1).map(refOf));
  expect(await askSegments(3000, 4000)).toEqual([]);
});

test('a past segment under another time of receipt keeps its place', async () => {
  const again = JSON.stringify({ ...JSON.parse(terms.segmentLeaf(1, 0, 9)), receivedAt: '2027-01-01T00:00:00.000Z' });
  const first = (await logged())[0];
  const [archived] = await terms.during(term.port.append([again]));
  expect(archived).toMatchObject({ index: 2 });
  expect(await logged()).toHaveLength(count);
  const asked = await terms.during(term.port.stream({ stream: uuidOf(1), object: first?.object ?? '' }));
  expect(asked?.archived).toEqual(archived);
});

test('another object with the lines of a past segment is refused', async () => {
  const leaf = JSON.parse(terms.segmentLeaf(1, 0, 9)) as SegmentLeaf;
  const object = leaf.object.replace('2026-11-21', '2026-11-22');
  await expect(terms.during(term.port.append([JSON.stringify({ ...leaf, object })]))).rejects.toMatchObject({
    code: 'chain_broken',
  });
  expect((await terms.during(term.port.stream({ stream: uuidOf(1), object })))?.archived).toBeUndefined();
  expect(await logged()).toHaveLength(count);
});

test('a bucket that does not answer is no answer that there is no such segment', async () => {
  const leaf = { ...(JSON.parse(terms.segmentLeaf(1, 0, 9)) as SegmentLeaf), receivedAt: '2027-01-01T00:00:00.000Z' };
  failing = true;
  const unavailable = { code: 'unavailable' };
  await expect(terms.during(term.port.append([JSON.stringify(leaf)]))).rejects.toMatchObject(unavailable);
  const whole = { stream: uuidOf(1), segments: { first: 0, last: 9 } };
  await expect(terms.during(term.port.stream(whole))).rejects.toMatchObject(unavailable);
});
