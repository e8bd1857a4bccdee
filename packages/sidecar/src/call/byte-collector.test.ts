import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteCollector } from './byte-collector.ts';

describe('a byte collector', () => {
  test('gives back what came, in order', () => {
    const lengths = fc.array(fc.oneof(fc.nat(3_000), fc.nat(400_000)), { maxLength: 12 });
    fc.assert(
      fc.property(lengths, (sizes) => {
        const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1));
        const collector = new ByteCollector();
        for (const chunk of chunks) collector.add(chunk);
        expect(collector.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(collector.take().equals(Buffer.concat(chunks))).toBe(true);
        expect(collector.take()).toHaveLength(0);
      }),
      { numRuns: 60 },
    );
  });

  test('does not copy a single chunk', () => {
    const collector = new ByteCollector();
    const chunk = Buffer.from('abc');
    collector.add(chunk);
    expect(collector.take()).toBe(chunk);
  });

  test('grows where it is, and takes memory only as bytes come', () => {
    const collector = new ByteCollector();
    for (let count = 0; count < 20; count += 1) collector.add(Buffer.alloc(64 * 1024));
    const { buffer } = collector.first ?? Buffer.alloc(0);
    for (let count = 0; count < 100; count += 1) collector.add(Buffer.alloc(64 * 1024));
    const taken = collector.take();
    expect(taken.buffer).toBe(buffer);
    expect(taken.buffer.byteLength).toBeLessThanOrEqual(taken.length + 256 * 1024);
  });

  test('takes bodies beyond what it has reserved', () => {
    const collector = new ByteCollector();
    for (let count = 0; count < 40; count += 1) collector.add(Buffer.alloc(1024 * 1024, count));
    const taken = collector.take();
    expect(taken).toHaveLength(40 * 1024 * 1024);
    for (let count = 0; count < 40; count += 1) expect(taken[count * 1024 * 1024]).toBe(count);
  });
});
