import type { Finding, WindowSearch } from '../detectors/detector.ts';
import type { Run } from './runs.ts';
import { work } from './work.ts';

/** What a leaf's keywords ask to be searched: by search, windows in order, joined where they overlap. */
export class Windows {
  readonly #bySearch = new Map<WindowSearch, Run[]>();

  /** `to` of a later window of the same search is not smaller. */
  add(search: WindowSearch, from: number, to: number): void {
    const windows = this.#bySearch.get(search);
    const last = windows?.at(-1);
    if (windows === undefined) this.#bySearch.set(search, [{ from, to }]);
    else if (last !== undefined && from <= last.to)
      windows[windows.length - 1] = { from: Math.min(from, last.from), to };
    else windows.push({ from, to });
  }

  /** All findings, by search. Stops where `work.read` passes `workLimit`. */
  search(text: string, workLimit: number): readonly Finding[] {
    const found: Finding[] = [];
    for (const [search, windows] of this.#bySearch) {
      for (const { from, to } of windows) {
        if (work.read > workLimit) return found;
        for (const finding of search.find(text, from, to)) found.push(finding);
      }
    }
    return found;
  }
}
