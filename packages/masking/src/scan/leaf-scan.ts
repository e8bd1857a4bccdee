import { hasChar, toCharSet } from '../detectors/char-set.ts';
import type { Detector, Finding, WindowSearch } from '../detectors/detector.ts';
import { maskedBefore } from '../detectors/masked-before.ts';
import { minBlobRun } from './blob-runs.ts';
import { withSearched, withWeakFindings } from './overlaps.ts';
import { blobRunFrom, digitRunAt, isDigit, type Run } from './runs.ts';
import type { TriggerIndex } from './trigger-index.ts';
import { Windows } from './windows.ts';
import { lastRun, work, workBudget } from './work.ts';

/** What is masked where the work budget ran out: the whole leaf. */
export const budgetRule = 'budget-exceeded';

const wordChars = toCharSet('a-z', 'A-Z', '0-9', '_');
/** What a number may hold between its groups, and a finding behind the number may so be taken for one of them. */
const maxJoints = 2;

/** Whether no border stands before `text[at]`: a word goes on there, or a number may. */
function isJoinedAt(text: string, at: number): boolean {
  if (hasChar(wordChars, text.charCodeAt(at - 1))) return true;
  let before = at - 1;
  while (before > at - 1 - maxJoints && ' ()'.includes(text.charAt(before))) before -= 1;
  return isDigit(text.charCodeAt(before));
}

/**
 * One pass of the automaton over one leaf; a detector is asked at each of its keywords and runs; scanning goes on behind
 * what it found. Blob runs are asked about at their end, so that a marked token in one is found by its mark.
 */
export class LeafScan {
  readonly #index: TriggerIndex;
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;
  readonly #strong: Finding[] = [];
  readonly #weak: Finding[] = [];
  #windows: Windows | undefined;
  /** Value of `work.read` at which the leaf's budget is spent. */
  readonly #workLimit: number;
  /** End of the last strong finding; nothing before it is looked at again. */
  #floor: number;
  /** Strong findings that begin further on, the nearest last: what stands before them is looked at first. */
  readonly #ahead: Finding[] = [];
  /** Where the nearest of them begins, or the leaf ends; no verifier reads beyond. */
  #limit: number;
  #state = 0;
  #at: number;

  constructor(index: TriggerIndex, text: string, start: number, end: number) {
    this.#index = index;
    this.#text = text;
    this.#start = start;
    this.#end = end;
    this.#floor = start;
    this.#at = start;
    this.#limit = end;
    this.#workLimit = work.read + workBudget(end - start);
  }

  /** `isJoined`: findings end what stands before them, as they will when they are masked. */
  run(isJoined = true): readonly Finding[] {
    let blob = this.#blobFrom(this.#start);
    while (blob !== undefined) {
      this.#scanTo(blob.to);
      this.#askBlob(blob);
      blob = this.#blobFrom(blob.to);
    }
    this.#scanTo(this.#end);
    lastRun.text = '';
    if (isJoined) this.#scanJoined();
    const searched = this.#windows?.search(this.#text, this.#workLimit) ?? [];
    if (work.read > this.#workLimit) return [{ rule: budgetRule, start: this.#start, end: this.#end }];
    return this.#settle(searched);
  }

  /**
   * What ends at a finding without a border between, an address before a token in one word, is looked at once more: else
   * it would be found only when the finding is masked already.
   */
  #scanJoined(): void {
    let at = this.#start;
    for (const finding of this.#strong.splice(0)) {
      const found =
        at < finding.start && isJoinedAt(this.#text, finding.start)
          ? new LeafScan(this.#index, this.#text, at, finding.start).run(false)
          : [];
      for (const one of found) (one.weak === true ? this.#weak : this.#strong).push(one);
      this.#strong.push(finding);
      at = finding.end;
    }
  }

  #settle(searched: readonly Finding[]): readonly Finding[] {
    const strong = withSearched(
      this.#strong,
      searched.filter(({ weak }) => weak !== true),
    );
    return withWeakFindings(strong, [...this.#weak, ...searched.filter(({ weak }) => weak === true)]);
  }

  #addWindow(search: WindowSearch, from: number, to: number): void {
    this.#windows ??= new Windows();
    const start = Math.max(this.#start, from - search.reach);
    this.#windows.add(search, start, Math.min(this.#end, to + search.reach));
  }

  #scanTo(end: number): void {
    this.#scanFreeTo(end);
    while (this.#ahead.length > 0 && this.#at >= this.#limit) {
      this.#reachFinding();
      this.#scanFreeTo(end);
    }
  }

  /** Scans as far as the nearest finding that is known. */
  #scanFreeTo(end: number): void {
    const { next, classOf, stopFrom, quoteState } = this.#index.automaton;
    const text = this.#text;
    let state = this.#state;
    let i = this.#at;
    let limit = Math.min(end, this.#limit);
    while (i < limit) {
      state = next[state + (classOf[text.charCodeAt(i)] ?? 0)] ?? 0;
      i += 1;
      if (state < stopFrom || state >= quoteState) continue;
      if (this.#askAt(state, i)) {
        state = 0;
        i = Math.max(i, this.#floor);
      }
      limit = Math.min(limit, this.#limit);
    }
    this.#state = state;
    this.#at = i;
  }

  #reachFinding(): void {
    const finding = this.#ahead.pop();
    this.#limit = this.#ahead.at(-1)?.start ?? this.#end;
    if (finding === undefined || finding.start < this.#floor) return;
    this.#strong.push(finding);
    this.#floor = finding.end;
    this.#at = Math.max(this.#at, this.#floor);
    this.#state = 0;
  }

  /** True where something was found that scanning goes on behind. */
  #askAt(state: number, to: number): boolean {
    const { automaton, byKeyword } = this.#index;
    for (const index of automaton.endingAt(state)) {
      const entry = byKeyword[index];
      if (entry !== undefined && this.#ask(entry.detector, to - entry.length, to)) return true;
    }
    return automaton.isDigitRun(state) && this.#askDigits(digitRunAt(this.#text, to, this.#limit));
  }

  #askDigits({ from, to }: Run): boolean {
    // What is left of a run is looked at only where it will stand behind a mask.
    if (from > this.#floor && isDigit(this.#text.charCodeAt(from - 1))) return false;
    return this.#askAll(this.#index.forDigits, from, to);
  }

  #blobFrom(at: number): Run | undefined {
    return this.#index.forBlobs.length === 0 ? undefined : blobRunFrom(this.#text, at, this.#end);
  }

  #askBlob({ from, to }: Run): void {
    const start = Math.max(from, this.#floor);
    if (to - start < minBlobRun || !this.#askAll(this.#index.forBlobs, start, to)) return;
    this.#state = 0;
    this.#at = Math.max(this.#at, this.#floor);
  }

  #askAll(detectors: readonly Detector[], from: number, to: number): boolean {
    for (const detector of detectors) {
      if (this.#ask(detector, from, to)) return true;
    }
    return false;
  }

  #ask(detector: Detector, from: number, to: number): boolean {
    if (from < this.#floor) return false;
    if (detector.search !== undefined) {
      this.#addWindow(detector.search, from, to);
      return false;
    }
    const finding = detector.verify({ text: this.#text, floor: this.#floor, end: this.#limit, from, to });
    if (work.read > this.#workLimit) {
      // The whole leaf is masked; the rest of it does not matter.
      this.#floor = this.#end;
      return true;
    }
    if (finding === undefined) return false;
    if (finding.weak === true) {
      this.#weak.push(finding);
      return false;
    }
    if (finding.start > to && finding.end <= this.#limit) {
      this.#ahead.push(finding);
      this.#limit = finding.start;
      return false;
    }
    if (detector !== maskedBefore) this.#strong.push(finding);
    this.#floor = finding.end;
    return true;
  }
}
