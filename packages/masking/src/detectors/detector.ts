/** A keyword found in `text[floor, end)`: the keyword is `text[from, to)`. Detectors never read outside `[floor, end)`. */
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
}

/**
 * A rule for free text. `keywords` (lower case; matched in any case) say where to look; `verify` decides.
 * Cost: where `verify` finds nothing it must have read a bounded number of characters, or a run that no other
 * keyword match of the same detector reads again; only then is a scan linear in the text.
 */
export interface Detector {
  readonly id: string;
  readonly keywords: readonly string[];
  readonly verify: (match: KeywordMatch) => Finding | undefined;
}
