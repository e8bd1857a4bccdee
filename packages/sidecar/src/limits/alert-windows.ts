/** Counts for alert rules: by subject, in windows, in bounded memory. */
import { LRUCache } from 'lru-cache';

/** A window begins with the first thing that is counted in it, and tells once that its threshold is reached. */
export interface EventWindows {
  /** The count, at the moment at which it reaches `threshold`; `undefined` before and after. */
  add(key: string, rule: { readonly threshold: number; readonly seconds: number }, nowNs: number): number | undefined;
}

/** A window whose subject has a past to compare with. */
export interface SurgeWindows {
  /** The count and what was usual, at the moment of the surge; once in a window. */
  add(
    key: string,
    rule: { readonly threshold: number; readonly seconds: number },
    nowNs: number,
  ): { readonly count: number; readonly baseline: number } | undefined;
}

/** The least recently seen is forgotten: an alert tells people of something, it guards nothing. */
const maxSubjects = 4096;
const nsPerSecond = 1e9;

interface Window {
  startNs: number;
  count: number;
  isTold: boolean;
}

export function createEventWindows(): EventWindows {
  const windows = new LRUCache<string, Window>({ max: maxSubjects });
  return {
    add(key, { threshold, seconds }, nowNs) {
      let window = windows.get(key);
      if (window === undefined || nowNs - window.startNs >= seconds * nsPerSecond) {
        window = { startNs: nowNs, count: 0, isTold: false };
        windows.set(key, window);
      }
      window.count += 1;
      if (window.isTold || window.count < threshold) return undefined;
      window.isTold = true;
      return window.count;
    },
  };
}

/** How much the newest window counts in the average. */
const weight = 0.2;
/** Windows that must have passed before there is anything to compare with. */
const learnedWindows = 5;
/** Fewer calls in a window are no surge, however quiet it was before. */
export const leastSurge = 20;

interface Baseline extends Window {
  /** Exponentially weighted average of the calls in a window. */
  average: number;
  passed: number;
}

export function createSurgeWindows(): SurgeWindows {
  const subjects = new LRUCache<string, Baseline>({ max: maxSubjects });
  return {
    add(key, { threshold, seconds }, nowNs) {
      let window = subjects.get(key);
      if (window === undefined) {
        window = { startNs: nowNs, count: 0, isTold: false, average: 0, passed: 0 };
        subjects.set(key, window);
      }
      roll(window, { lengthNs: seconds * nsPerSecond, threshold }, nowNs);
      window.count += 1;
      const { count, average, passed, isTold } = window;
      if (isTold || passed < learnedWindows || count < leastSurge || count <= threshold * average) return undefined;
      window.isTold = true;
      return { count, baseline: Math.round(average * 100) / 100 };
    },
  };
}

/** Ends the windows that have passed, those without a call too. */
function roll(
  window: Baseline,
  { lengthNs, threshold }: { readonly lengthNs: number; readonly threshold: number },
  nowNs: number,
): void {
  const passed = Math.floor((nowNs - window.startNs) / lengthNs);
  if (passed <= 0) return;
  // A surge is not learned as what is usual at once.
  const learned = window.isTold ? Math.min(window.count, threshold * Math.max(window.average, 1)) : window.count;
  const first = window.passed === 0 ? learned : weight * learned + (1 - weight) * window.average;
  window.average = first * (1 - weight) ** (passed - 1);
  window.passed += passed;
  window.startNs += passed * lengthNs;
  window.count = 0;
  window.isTold = false;
}
