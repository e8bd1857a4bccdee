import { readAssigned } from './assignment.ts';
import { commandPasswordDetector, readCommandValue } from './command-password.ts';
import type { ValueShape } from './assigned-value.ts';
import { createNameClassifier, slightKeywords } from './free-text-names.ts';
import { createKeyMatcher } from './key-matcher.ts';
import { createNameReader } from './name-reader.ts';
import { keyKeywordPairs, keyKeywords } from './key-names.ts';

const readName = createNameReader(createNameClassifier(createKeyMatcher(new Set(), [])));
const joints = ['', '_', '-', ' ', '.'];
const keywords = [
  ...keyKeywordPairs.flatMap(([first, second]) => joints.map((joint) => first + joint + second)),
  ...keyKeywords,
  ...slightKeywords,
];
const toPattern = (words: readonly string[]): RegExp =>
  new RegExp(words.map((word) => word.replaceAll('.', String.raw`\.`)).join('|'), 'gi');
const anyName = toPattern(keywords);
const anyCommand = toPattern(commandPasswordDetector.keywords.toSorted((a, b) => b.length - a.length));

/** All values that the judge is asked about in a text; for learning its weights. */
export function readCandidates(text: string): readonly ValueShape[] {
  const toMatch = (word: string, index: number) => ({
    text,
    floor: 0,
    end: text.length,
    from: index,
    to: index + word.length,
  });
  const assigned = [...text.matchAll(anyName)].flatMap(({ 0: word, index }) =>
    readAssigned(readName, toMatch(word, index)),
  );
  const given = [...text.matchAll(anyCommand)].flatMap(
    ({ 0: word, index }) => readCommandValue(toMatch(word, index)) ?? [],
  );
  return [...assigned, ...given];
}
