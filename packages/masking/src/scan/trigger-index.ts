import type { Detector } from '../detectors/detector.ts';
import { maskedBefore } from '../detectors/masked-before.ts';
import { createKeywordAutomaton, type KeywordAutomaton } from './keyword-automaton.ts';

/** Which detectors are asked where. */
export interface TriggerIndex {
  readonly automaton: KeywordAutomaton;
  /** By the automaton's index of the keyword. */
  readonly byKeyword: readonly { readonly length: number; readonly detector: Detector }[];
  readonly forDigits: readonly Detector[];
  readonly forBlobs: readonly Detector[];
}

export function createTriggerIndex(rules: readonly Detector[]): TriggerIndex {
  const detectors = [maskedBefore, ...rules];
  const pairs = detectors.flatMap((detector) => detector.keywords.map((keyword) => ({ keyword, detector })));
  const forDigits = detectors.filter(({ triggers }) => triggers?.includes('digits') === true);
  return {
    automaton: createKeywordAutomaton(
      pairs.map(({ keyword }) => keyword),
      { digitRuns: forDigits.length > 0 },
    ),
    byKeyword: pairs.map(({ keyword, detector }) => ({ length: keyword.length, detector })),
    forDigits,
    forBlobs: detectors.filter(({ triggers }) => triggers?.includes('blob') === true),
  };
}
