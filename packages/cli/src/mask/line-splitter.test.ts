import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter, type InputLine } from './line-splitter.ts';

function split(chunks: readonly string[], maxBytes = 1000): readonly InputLine[] {
  const splitter = new LineSplitter(maxBytes);
  return [...chunks.flatMap((chunk) => [...splitter.push(Buffer.from(chunk))]), ...splitter.end()];
}

describe('a line splitter', () => {
  test('gives the same lines however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r') })), (chunks) => {
        const lines = split(chunks);
        const text = lines
          .map((line) => (line.kind === 'line' ? `${line.bytes.toString()}${line.ended ? '\n' : ''}` : ''))
          .join('');
        expect(text).toBe(chunks.join(''));
        expect(lines).toEqual(split([chunks.join('')]));
        expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
      }),
    );
  });

  test('keeps nothing of a line over the limit, and goes on behind it', () => {
    const lines = split(['abc', 'defg\nhi', '\n', 'x'.repeat(7)], 6);
    expect(lines).toEqual([
      { kind: 'too_long', number: 1 },
      { kind: 'line', number: 2, bytes: Buffer.from('hi'), ended: true },
      { kind: 'too_long', number: 3 },
    ]);
  });
});
