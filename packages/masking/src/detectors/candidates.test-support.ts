import { readAssigned } from './assignment.ts';
import type { ValueShape } from './assigned-value.ts';
import { slightKeywords } from './free-text-names.ts';
import { createKeyMatcher } from './key-matcher.ts';
import { keyKeywordPairs, keyKeywords } from './key-names.ts';

const keys = createKeyMatcher(new Set(), []);
const joints = ['', '_', '-', ' ', '.'];
const keywords = [
  ...keyKeywordPairs.flatMap(([first, second]) => joints.map((joint) => first + joint + second)),
  ...keyKeywords,
  ...slightKeywords,
];
const anyKeyword = new RegExp(keywords.map((word) => word.replaceAll('.', String.raw`\.`)).join('|'), 'gi');

/** All values that the judge is asked about in a text; for learning its weights. */
export function readCandidates(text: string): readonly ValueShape[] {
  return [...text.matchAll(anyKeyword)].flatMap(({ 0: word, index }) =>
    readAssigned(keys, { text, floor: 0, end: text.length, from: index, to: index + word.length }),
  );
}
