import type { RE2JS } from 're2js';
import { work } from '../scan/work.ts';
import type { Finding, WindowSearch } from './detector.ts';
import { outsideMaskTokens, type Span } from './outside-mask-tokens.ts';

/** Characters on either side of a keyword that belong to its surroundings. */
export const patternReach = 512;

const stepLength = 256;
const sliceLength = 2 * stepLength;
/** A match that a slice cuts off is tried again in one of this length. */
const longSliceLength = 4096;
/** Characters searched after which a pattern's own tables are thrown away: they may grow by some KB a character. */
const maxBetweenResets = 262_144;
/** What finding a match may read behind it is charged as so many characters. */
const overshoot = 64;

export interface PatternRule {
  readonly id: string;
  /** The group that is masked; 0: the whole match. */
  readonly group: number | string;
}

interface Slice {
  readonly text: string;
  /** Searched is `[at, to)`. */
  readonly at: number;
  readonly to: number;
  /** Matches that begin from here on are left to the next slice. */
  readonly until: number;
  /** Start and end of the window. */
  readonly start: number;
  readonly end: number;
}

/**
 * Searches windows slice by slice. Every character is in two slices, which a DFA reads; where it says yes, the matches
 * are looked for. What that may cost grows with the size of the pattern and is counted in `work`. Matches of up to 256
 * characters are found whole; longer ones where their beginning matches by itself.
 */
export function createPatternSearch(rule: PatternRule, pattern: RE2JS): WindowSearch {
  const testWeight = 1 + Math.ceil(pattern.programSize() / 64);
  let sinceReset = 0;
  const find: WindowSearch['find'] = (text, start, end) => {
    const found: Finding[] = [];
    for (let at = start; at < end;) {
      const slice = { text, at, to: Math.min(end, at + sliceLength), until: at + stepLength, start, end };
      work.read += (slice.to - at) * testWeight;
      sinceReset += slice.to - at;
      at = hasMatch(pattern, slice) ? collect(rule, pattern, slice, found) : slice.until;
    }
    if (sinceReset > maxBetweenResets) {
      pattern.reset();
      sinceReset = 0;
    }
    return found;
  };
  return { reach: patternReach, find };
}

/** One character more in front, for `\b`. */
function baseOf({ start, at }: Slice): number {
  return Math.max(start, at - 1);
}

function hasMatch(pattern: RE2JS, slice: Slice): boolean {
  return pattern.test(slice.text.slice(baseOf(slice), slice.to));
}

/** Adds the matches of a slice; returns where to go on. */
function collect(rule: PatternRule, pattern: RE2JS, slice: Slice, found: Finding[]): number {
  const base = baseOf(slice);
  const matcher = pattern.matcher(slice.text.slice(base, slice.to));
  const weight = 1 + Math.ceil(pattern.programSize() / 8);
  let at = slice.at;
  let isFound = matcher.find(slice.at - base);
  while (isFound) {
    const [begin, end] = [base + matcher.start(), base + matcher.end()];
    work.read += (end - at + overshoot) * weight;
    if (begin >= slice.until) break;
    if (end === slice.to && end < slice.end && slice.to - slice.at < longSliceLength) {
      return collect(rule, pattern, lengthened(slice, begin), found);
    }
    const span = toSpan(matcher.start(rule.group), matcher.end(rule.group), base);
    const outside = span === undefined ? undefined : outsideMaskTokens(slice.text, span);
    if (outside !== undefined) found.push({ rule: rule.id, ...outside });
    at = Math.max(end, begin + 1);
    isFound = at < slice.to && matcher.find();
  }
  return Math.max(at, slice.until);
}

function lengthened(slice: Slice, at: number): Slice {
  const to = Math.min(slice.end, at + longSliceLength);
  return { ...slice, at, to, until: Math.min(to, at + longSliceLength - stepLength) };
}

/** Undefined where the group took no part in the match. */
function toSpan(from: number, to: number, base: number): Span | undefined {
  return from < 0 || to <= from ? undefined : { start: base + from, end: base + to };
}
