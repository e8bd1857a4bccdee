import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Edit } from '../walk/edit.ts';
import { mergeEdits } from './merge-edits.ts';

const edit = (start: number, end: number, more: Partial<Edit> = {}): Edit => ({
  start,
  end,
  rule: `r${start}`,
  path: '',
  replacement: '[REDACTED:x]',
  ...more,
});
const weak = { weak: true } as const;
const spansOf = (edits: readonly Edit[]): readonly (readonly [number, number])[] =>
  edits.map(({ start, end }) => [start, end]);

/** Ordered and apart, as the walk makes them. */
const lists = fc
  .array(fc.record({ gap: fc.nat(5), length: fc.integer({ min: 1, max: 6 }), isWeak: fc.boolean() }), { maxLength: 8 })
  .map((steps) => {
    let at = 0;
    return steps.map(({ gap, length, isWeak }) => {
      const start = at + gap;
      at = start + length;
      return edit(start, at, isWeak ? weak : {});
    });
  });

describe('two lists of edits as one', () => {
  test('are in order, apart, and cover all that strong edits covered', () => {
    fc.assert(
      fc.property(lists, lists, (first, second) => {
        const merged = mergeEdits(first, second);
        let reached = 0;
        for (const { start, end } of merged) {
          expect(start).toBeGreaterThanOrEqual(reached);
          reached = end;
        }
        const strong = merged.filter((one) => one.weak === undefined);
        for (const { start, end } of [...first, ...second].filter((one) => one.weak === undefined)) {
          expect(strong.some((one) => one.start <= start && one.end >= end)).toBe(true);
        }
      }),
    );
  });

  test('keep the longer of two, and the first of two that overlap otherwise', () => {
    expect(mergeEdits([edit(2, 4)], [edit(1, 6)])).toEqual([edit(1, 6)]);
    expect(mergeEdits([edit(2, 6)], [edit(4, 8)])).toEqual([{ ...edit(2, 6), end: 8 }]);
  });

  test('drop a weak edit that a strong one touches', () => {
    expect(spansOf(mergeEdits([edit(2, 9, weak)], [edit(4, 6)]))).toEqual([[4, 6]]);
    expect(spansOf(mergeEdits([edit(2, 4, weak)], [edit(4, 6)]))).toEqual([
      [2, 4],
      [4, 6],
    ]);
  });

  test('never stretch a blob written anew over what stands behind it', () => {
    const blob = edit(2, 6, { parts: [edit(3, 4)], replacement: 'AAAA' });
    expect(mergeEdits([blob], [edit(5, 8)])).toEqual([{ ...edit(5, 8), start: 2 }]);
  });
});
