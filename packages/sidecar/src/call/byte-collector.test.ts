import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteCollector } from './byte-collector.ts';

describe('a byte collector', () => {
  test('gives back what came, in order, whatever was announced', () => {
    const lengths = fc.array(fc.oneof(fc.nat(3_000), fc.nat(400_000)), { maxLength: 12 });
    const announced = fc.oneof(fc.nat(3_000_000), fc.constantFrom(Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(lengths, announced, (sizes, said) => {
        const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1));
        const collector = new ByteCollector(said);
        for (const chunk of chunks) collector.add(chunk);
        expect(collector.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(collector.take().equals(Buffer.concat(chunks))).toBe(true);
        expect(collector.take()).toHaveLength(0);
      }),
      { numRuns: 60 },
    );
  });

  test('does not copy a single chunk', () => {
    const collector = new ByteCollector(3);
    const chunk = Buffer.from('abc');
    collector.add(chunk);
    expect(collector.take()).toBe(chunk);
  });

  test('takes no more memory than four times what has come, for any announcement', () => {
    for (const announced of [0, 15_000_000, 1e15]) {
      const collector = new ByteCollector(announced);
      for (let count = 0; count < 20; count += 1) collector.add(Buffer.alloc(64 * 1024));
      expect(collector.take().buffer.byteLength).toBeLessThanOrEqual(4 * 20 * 64 * 1024);
    }
  });
});
