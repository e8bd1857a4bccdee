/**
 * A keyword or a run of characters found in `text[floor, end)`: it is `text[from, to)`. Detectors never read outside
 * `[floor, end)`.
 */
export interface KeywordMatch {
  readonly text: string;
  /** End of what was masked before, or start of the leaf. */
  readonly floor: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** What to mask: `text[start, end)`. */
export interface Finding {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  /** A bare number of JSON in text: stays a number. */
  readonly isNumber?: true;
  /** Believed where recall goes first (the record) only. Gives way to findings that are not weak. */
  readonly weak?: true;
}

/**
 * A run of characters that is looked at without a keyword. `digits`: a maximal run of at least four ASCII digits.
 * `blob`: a maximal run of at least twenty of `A-Z a-z 0-9 + / _ = -`. The match's `[from, to)` is the run.
 * Detectors of digits find nothing that has fewer than nine digits in all its groups: shorter ones are not looked at.
 */
export type ClassTrigger = 'digits' | 'blob';

/**
 * Instead of `verify`, for rules whose cost a single match does not bound: the surroundings of all keywords of a leaf,
 * `reach` characters on either side, joined where they overlap, are searched once. What is found gives way, where it
 * overlaps, to what `verify` of others found.
 */
export interface WindowSearch {
  readonly reach: number;
  /** Findings in `text[start, end)`, in order, without overlap. Counts what it reads in `work`. */
  readonly find: (text: string, start: number, end: number) => readonly Finding[];
}

/**
 * A rule for free text. `keywords` (lower case; matched in any case) say where to look; `verify` decides.
 * Cost: where `verify` finds nothing it must have read a bounded number of characters, or a run that no other
 * keyword match of the same detector reads again; only then is a scan linear in the text.
 */
export interface Detector {
  readonly id: string;
  readonly keywords: readonly string[];
  readonly triggers?: readonly ClassTrigger[];
  readonly verify: (match: KeywordMatch) => Finding | undefined;
  readonly search?: WindowSearch;
  /**
   * A cheap look at what follows the keyword `text[from, to)` where the text is a JSON string still escaped: false only
   * where `verify` finds nothing in the decoded text. What precedes the keyword may be the end of an escape, so it does
   * not count; nor need escapes in what follows be understood, since `\u` and `\/` are decoded in any case.
   */
  readonly isPlausible: (text: string, from: number, to: number) => boolean;
}
