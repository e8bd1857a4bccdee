import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PackedReader, PackedWriter } from './packed-bytes.ts';

/** What names and hashes are made of, and anything else. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef-/.=_gz')) }),
  fc
    .array(fc.oneof(fc.uuid(), fc.constantFrom('v1/records/', '\ud800', '\udc00x', 'é', '😀')))
    .map((it) => it.join('')),
);

describe('packed bytes', () => {
  test('give back every text, whatever it is near to', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts)), (pairs) => {
        const out = new PackedWriter();
        for (const [text, near] of pairs) out.text(text, near);
        const reader = new PackedReader(out.bytes);
        expect(pairs.map(([, near]) => reader.text(near))).toEqual(pairs.map(([text]) => text));
        expect(reader.at).toBe(out.length);
      }),
    );
  });

  test('give back every safe integer', () => {
    const edges = [0, -1, 63, 64, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...edges))), (numbers) => {
        const out = new PackedWriter();
        for (const number of numbers) out.number(number);
        const reader = new PackedReader(out.bytes);
        expect(numbers.map(() => reader.number())).toEqual(numbers.map((number) => number + 0));
      }),
    );
  });

  test('give back a text of the longest leaf', () => {
    const text = 'aé0123456789'.repeat(20_000);
    const out = new PackedWriter();
    out.text(text, '');
    expect(new PackedReader(out.bytes).text('')).toBe(text);
  });

  test('take two digits of hex a byte, and nothing for what is shared', () => {
    const out = new PackedWriter();
    out.text('ab'.repeat(32), '');
    expect(out.length).toBeLessThanOrEqual(37);
    const before = out.length;
    out.text('v1/log/batch/0000000000001234', 'v1/log/batch/0000000000001234');
    expect(out.length - before).toBe(2);
  });
});
