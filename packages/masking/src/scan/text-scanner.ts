import type { Detector, Finding } from '../detectors/detector.ts';
import { createKeywordAutomaton, type KeywordAutomaton } from './keyword-automaton.ts';

export interface TextScanner {
  readonly automaton: KeywordAutomaton;
  /** Whether a keyword that ends at `text[to - 1]` is worth decoding an escaped text for (`Detector.isPlausible`). */
  readonly isPlausible: (state: number, text: string, to: number) => boolean;
  /** Findings in `text[start, end)`, in order, without overlap. */
  readonly find: (text: string, start: number, end: number) => readonly Finding[];
}

/** One pass of the automaton; a detector is asked at each of its keywords; scanning goes on behind what it found. */
export function createTextScanner(detectors: readonly Detector[]): TextScanner {
  const pairs = detectors.flatMap((detector) => detector.keywords.map((keyword) => ({ keyword, detector })));
  const automaton = createKeywordAutomaton(pairs.map(({ keyword }) => keyword));
  const { next, classOf, stopFrom, endingAt } = automaton;

  const ask = (text: string, floor: number, end: number, found: { state: number; to: number }): Finding | undefined => {
    for (const index of endingAt(found.state)) {
      const pair = pairs[index];
      if (pair === undefined || found.to - pair.keyword.length < floor) continue;
      const { to } = found;
      const finding = pair.detector.verify({ text, floor, end, from: to - pair.keyword.length, to });
      if (finding !== undefined) return finding;
    }
    return undefined;
  };

  const isPlausible = (state: number, text: string, to: number): boolean => {
    for (const index of endingAt(state)) {
      const pair = pairs[index];
      if (pair?.detector.isPlausible(text, to - pair.keyword.length, to) === true) return true;
    }
    return false;
  };

  const find = (text: string, start: number, end: number): readonly Finding[] => {
    const findings: Finding[] = [];
    let floor = start;
    let state = 0;
    let i = start;
    while (i < end) {
      state = next[state + (classOf[text.charCodeAt(i)] ?? 0)] ?? 0;
      i += 1;
      if (state < stopFrom) continue;
      const finding = ask(text, floor, end, { state, to: i });
      if (finding === undefined) continue;
      findings.push(finding);
      floor = finding.end;
      i = Math.max(i, finding.end);
      state = 0;
    }
    return findings;
  };
  return { automaton, find, isPlausible };
}
