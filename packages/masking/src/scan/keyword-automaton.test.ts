import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createKeywordAutomaton } from './keyword-automaton.ts';

/** Every keyword and where it ends, by the automaton. */
function occurrences(keywords: readonly string[], text: string): readonly string[] {
  const { next, classOf, endingAt } = createKeywordAutomaton(keywords, { digitRuns: false });
  const found: string[] = [];
  let state = 0;
  for (let i = 0; i < text.length; i += 1) {
    state = next[state + (classOf[text.charCodeAt(i)] ?? 0)] ?? 0;
    for (const index of endingAt(state)) found.push(`${keywords[index]}@${i + 1}`);
  }
  return found.toSorted();
}

function naiveOccurrences(keywords: readonly string[], text: string): readonly string[] {
  const folded = text.toLowerCase();
  const ends = Array.from({ length: text.length }, (_, i) => i + 1);
  return ends
    .flatMap((end) =>
      keywords.filter((keyword) => folded.slice(0, end).endsWith(keyword)).map((keyword) => `${keyword}@${end}`),
    )
    .toSorted();
}

describe('keyword automaton', () => {
  test('finds what comparing at every place finds, behind quotes and escapes too', () => {
    const keyword = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'A', 'B', '"', '\\', '\n', 'x', 'é'), { maxLength: 30 });
    fc.assert(
      fc.property(fc.uniqueArray(keyword, { minLength: 1, maxLength: 6 }), text, (keywords, parts) => {
        expect(occurrences(keywords, parts.join(''))).toEqual(naiveOccurrences(keywords, parts.join('')));
      }),
      { numRuns: 1000 },
    );
  });
});
