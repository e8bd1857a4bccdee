import type { Detector, Finding } from '../detectors/detector.ts';
import type { KeywordAutomaton } from './keyword-automaton.ts';
import { LeafScan } from './leaf-scan.ts';
import { createPlausibility, type Plausibility } from './plausibility.ts';
import { createTriggerIndex } from './trigger-index.ts';

export interface TextScanner extends Plausibility {
  readonly automaton: KeywordAutomaton;
  /**
   * Findings in `text[start, end)`, in order, without overlap, weak ones among them. A leaf whose verifiers read more
   * than their budget is one finding, `budget-exceeded`. Throws what a detector throws.
   */
  readonly find: (text: string, start: number, end: number) => readonly Finding[];
}

export function createTextScanner(detectors: readonly Detector[]): TextScanner {
  const index = createTriggerIndex(detectors);
  return {
    ...createPlausibility(index),
    automaton: index.automaton,
    find: (text, start, end) => new LeafScan(index, text, start, end).run(),
  };
}
