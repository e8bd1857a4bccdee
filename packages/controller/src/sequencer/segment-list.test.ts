import { describe, expect, test } from '@jest/globals';
import { objectNames, segmentFileName } from '@tachograph/protocol';
import fc from 'fast-check';
import { NumberColumn } from './number-column.ts';
import { createSegmentList, type ListedSegment } from './segment-list.ts';
import { packSegment, unpackSegment, type LoggedSegment, type SegmentNaming } from './segment-row.ts';

const naming: SegmentNaming = {
  cluster: 'test',
  namespace: 'demo',
  stream: '01930000-0000-7000-8000-000000000001',
};

const hex64 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const generation = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fc.constantFrom('', '007', 'x', '-1'),
);
const day = fc.integer({ min: 0, max: 40_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));

const facts = fc.record({ sha256: hex64, leafHash: hex64, generation, day, gap: fc.nat(1e6), lines: fc.nat(1e6) });

function segmentsOf(drafts: readonly (typeof facts extends fc.Arbitrary<infer T> ? T : never)[]): LoggedSegment[] {
  let first = 0;
  let index = 0;
  return drafts.map(({ gap, lines, day: dt, ...rest }) => {
    const last = first + lines;
    index += 1 + gap;
    const fileName = segmentFileName({ stream: naming.stream, first, last, sha16: rest.sha256.slice(0, 16) });
    const segment = { object: objectNames.record({ ...naming, day: dt }, fileName), ...rest, first, last, index };
    first = last + 1;
    return segment;
  });
}

/** What the log would tell of it. */
function resolve(listed: ListedSegment, all: readonly LoggedSegment[]): LoggedSegment | undefined {
  return listed.kind === 'known' ? listed.segment : all.find(({ index }) => index === listed.index);
}

const plain = (number: number): LoggedSegment => {
  const sha256 = number.toString(16).padStart(64, '0');
  const fileName = segmentFileName({ stream: naming.stream, first: number, last: number, sha16: sha256.slice(0, 16) });
  const object = objectNames.record({ ...naming, day: '2026-11-21' }, fileName);
  return { object, generation: '1', sha256, leafHash: sha256, first: number, last: number, index: number * 3 };
};

describe('rows', () => {
  test('a packed segment comes back the same, or is not packed', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 4 }), (drafts) => {
        for (const segment of segmentsOf(drafts)) {
          const row = packSegment(naming, segment);
          const fits = /^(0|[1-9]\d{0,19})$/.test(segment.generation);
          expect(row === undefined ? undefined : unpackSegment(naming, row)).toEqual(fits ? segment : undefined);
        }
      }),
    );
  });

  test.each<[string, Partial<LoggedSegment>]>([
    ['a name of another stream', { object: plain(1).object.replaceAll('7000', '7001') }],
    ['a name of another namespace', { object: plain(1).object.replace('demo', 'other') }],
    ['a name without a day', { object: 'v1/records/x' }],
    ['a last line that the name does not state', { last: 2 }],
    ['a hash that the name does not state', { sha256: 'f'.repeat(64) }],
    ['a hash that is none', { leafHash: 'abc' }],
    ['a number beyond 48 bits', { index: 2 ** 48 }],
    ['a generation beyond 64 bits', { generation: '18446744073709551616' }],
  ])('does not pack %s', (_what, change) => {
    expect(packSegment(naming, plain(1))).toBeDefined();
    expect(packSegment(naming, { ...plain(1), ...change })).toBeUndefined();
  });
});

describe('lists', () => {
  test('answer as an array of the same segments would, whatever is packed, past or odd', () => {
    const asked = fc.record({ from: fc.nat(400), to: fc.nat(400), one: fc.nat(400) });
    fc.assert(
      fc.property(
        fc.array(facts, { minLength: 1, maxLength: 400, size: 'max' }),
        asked,
        (drafts, { from, to, one }) => {
          const all = segmentsOf(drafts);
          const list = createSegmentList(naming);
          for (const segment of all) list.push(segment);
          const [first, last] = [all[from % all.length]?.first ?? 0, all[to % all.length]?.last ?? 0];
          const expected = all.filter((each) => each.first <= last && each.last >= first);
          expect(list.overlapping(first, last).map((each) => resolve(each, all))).toEqual(expected);
          const sought = all[one % all.length] ?? plain(0);
          const found = list.find(sought.object);
          expect(found === undefined ? undefined : resolve(found, all)).toEqual(sought);
          expect(list.length).toBe(all.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the newest segments are known in full, older ones by their log index', () => {
    const list = createSegmentList(naming);
    for (let number = 0; number < 1000; number += 1) list.push(plain(number));
    expect(list.find(plain(999).object)).toEqual({ kind: 'known', segment: plain(999) });
    expect(list.find(plain(936).object)).toEqual({ kind: 'known', segment: plain(936) });
    expect(list.find(plain(3).object)).toEqual({ kind: 'past', index: 9 });
  });

  test('another object of the newest lines is not found, one of older lines is for the log to tell', () => {
    const list = createSegmentList(naming);
    for (let number = 0; number < 1000; number += 1) list.push(plain(number));
    const other = (number: number) => plain(number).object.replace('2026-11-21', '2026-11-22');
    expect(list.find(other(999))).toBeUndefined();
    expect(list.find(other(3))).toEqual({ kind: 'past', index: 9 });
    expect(list.find(plain(1000).object)).toBeUndefined();
    expect(list.find('v1/records/x')).toBeUndefined();
  });

  test('a week of a busy stream takes under 100 kB', () => {
    const list = createSegmentList(naming);
    for (let number = 0; number < 10_080; number += 1) list.push({ ...plain(number), index: number * 11_000 });
    expect(list.bytes).toBeLessThan(100_000);
  });

  test('a cleared list begins anew', () => {
    const list = createSegmentList(naming);
    for (let number = 0; number < 200; number += 1) list.push(plain(number));
    list.clear();
    expect([list.length, list.bytes, list.overlapping(0, 1e9)]).toEqual([0, 0, []]);
    list.push(plain(200));
    expect(list.overlapping(0, 1e9)).toEqual([{ kind: 'known', segment: plain(200) }]);
  });
});

test('a column gives back the numbers that it took', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(300), fc.maxSafeNat()), { maxLength: 200 }), (numbers) => {
      const column = new NumberColumn();
      for (const number of numbers) column.push(number);
      expect([...column.values()]).toEqual(numbers);
    }),
  );
});
