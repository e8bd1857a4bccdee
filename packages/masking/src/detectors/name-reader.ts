import { hasChar, runEnd, toCharSet } from './char-set.ts';
import type { KeywordMatch } from './detector.ts';
import type { NameClass, NameClassifier } from './free-text-names.ts';

/** A name in free text: `text[start, end)`. */
export interface Name {
  readonly start: number;
  readonly end: number;
  readonly class: NameClass;
}

const nameChars = toCharSet('a-z', 'A-Z', '0-9', '_.', '-');
const maxName = 64;

export type NameReader = (match: KeywordMatch) => Name | undefined;

/** Reads the name around a keyword. Remembers how far a run that is too long for a name goes, so that none is read twice. */
export function createNameReader(classify: NameClassifier): NameReader {
  const long = { text: '', from: 0, to: 0 };
  return ({ text, floor, end, from, to }) => {
    const isInLong = text === long.text && from >= long.from && to <= long.to;
    const nameEnd = runEnd(nameChars, text, isInLong ? long.to : to, Math.min(end, to + maxName));
    // A keyword this far from the end of the name does not decide what the name is.
    if (nameEnd < end && hasChar(nameChars, text.charCodeAt(nameEnd))) {
      Object.assign(long, { text, from, to: nameEnd });
      return undefined;
    }
    const start = startOf(text, from, Math.max(floor, from - maxName));
    if (isInMaskToken(text, start)) return undefined;
    const found = classify(text.slice(start, nameEnd));
    return found === undefined ? undefined : { start, end: nameEnd, class: found };
  };
}

function startOf(text: string, from: number, floor: number): number {
  let start = from;
  while (start > floor && hasChar(nameChars, text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** Rules have the names of keys: `[REDACTED:token]: x` assigns nothing to a token. */
function isInMaskToken(text: string, start: number): boolean {
  return text.startsWith('[REDACTED:', start - 10);
}
