import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onesOf } from '../merkle.ts';
import { packSession, type SessionFacts, unpackSession } from './packed-session.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const root = fc.oneof(
  hash.map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.string(),
);
const tree = count.chain((size) =>
  fc.record({ size: fc.constant(size), peaks: fc.array(hash, { minLength: onesOf(size), maxLength: onesOf(size) }) }),
);
const facts: fc.Arbitrary<SessionFacts> = fc.record({
  first: count,
  last: count,
  tree,
  closings: fc.array(fc.record({ count: fc.maxSafeInteger(), first: fc.maxSafeInteger(), last: count, root })),
  closedAt: fc.option(fc.record({ object: fc.nat(), line: fc.nat() }), { nil: undefined }),
});

/** Bytes of another array class are the same bytes. */
function plain({ tree: { size, peaks }, ...rest }: SessionFacts): unknown {
  return { ...rest, size, peaks: peaks.map((peak) => Buffer.from(peak).toString('hex')) };
}

test('a packed session is what it was', () => {
  fc.assert(
    fc.property(facts, (session) => {
      expect(plain(unpackSession(packSession(session)))).toEqual(plain(session));
    }),
  );
});

test('an ordinary session takes less than 300 bytes', () => {
  const peaks = Array.from({ length: onesOf(102) }, (_, i) => new Uint8Array(32).fill(i + 1));
  const closing = { count: 102, first: 400_000, last: 400_101, root: 'ab'.repeat(32) };
  const session = { first: 400_000, last: 400_101, tree: { size: 102, peaks }, closings: [closing] };
  expect(packSession({ ...session, closedAt: { object: 1200, line: 300 } }).length).toBeLessThan(300);
});
