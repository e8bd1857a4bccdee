import type { ValueShape } from './assigned-value.ts';
import { measureWords, type WordLikeness } from './word-likeness.ts';

const maxJudged = 256;
const maxAfter = 16;

/** What a judge knows of a value; computed once per value, from a bounded number of characters. */
export interface ValueFacts {
  readonly shape: ValueShape;
  readonly value: string;
  readonly lower: string;
  /** What follows the value; only what masking it or its neighbours does not change may count. */
  readonly after: string;
  readonly words: WordLikeness;
  readonly digits: number;
  readonly uppers: number;
  readonly lowers: number;
  /** Characters that are neither letter nor digit. */
  readonly specials: number;
  readonly distinct: number;
}

export function toFacts(shape: ValueShape): ValueFacts {
  const { text, start, end, limit } = shape;
  const value = text.slice(start, Math.min(end, start + maxJudged));
  return {
    shape,
    value,
    lower: value.toLowerCase(),
    after: text.slice(end, Math.min(limit, end + maxAfter)),
    words: measureWords(text, start, Math.min(end, start + maxJudged)),
    ...countKinds(value),
    distinct: countDistinct(value),
  };
}

/** By character, the number of the value that it was last seen in. */
const seenIn = new Uint32Array(0x10000);
let valuesSeen = 0;

function countDistinct(value: string): number {
  valuesSeen = (valuesSeen + 1) >>> 0;
  let distinct = 0;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (seenIn[code] === valuesSeen) continue;
    seenIn[code] = valuesSeen;
    distinct += 1;
  }
  return distinct;
}

function countKinds(value: string): Pick<ValueFacts, 'digits' | 'uppers' | 'lowers' | 'specials'> {
  const counts = { digits: 0, uppers: 0, lowers: 0, specials: 0 };
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) counts.digits += 1;
    else if (code >= 0x41 && code <= 0x5a) counts.uppers += 1;
    else if (code >= 0x61 && code <= 0x7a) counts.lowers += 1;
    else counts.specials += 1;
  }
  return counts;
}
