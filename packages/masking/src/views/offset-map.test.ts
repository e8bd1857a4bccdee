import { describe, expect, test } from '@jest/globals';
import { decodeCharacters } from './character-view.ts';

/** The source's characters for `view[start, end)`. */
function stretchOf(source: string, span: string): string {
  const [view] = decodeCharacters(source);
  const start = view?.text.indexOf(span) ?? -1;
  if (view === undefined || start < 0) throw new Error('not in the view');
  return source.slice(view.map.toSourceStart(start), view.map.toSourceEnd(start + span.length));
}

describe('a span of a view', () => {
  test.each([
    ['b', 'a%62c', '%62'],
    ['abc', 'a%62c', 'a%62c'],
    ['é', '%C3%A9', '%C3%A9'],
    ['c', 'a%62%62c%64', 'c'],
    ['ab', 'xa\u200bb\u200by', 'a\u200bb'],
    ['i', '\uff41 \ufb01', '\ufb01'],
    ['x', '&#x78;&#x79;', '&#x78;'],
  ])('%j of %j stands for %j', (span, source, stretch) => {
    expect(stretchOf(source, span)).toBe(stretch);
  });
});
