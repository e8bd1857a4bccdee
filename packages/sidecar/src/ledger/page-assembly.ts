/** Puts the pages of one list together, so that a first page is not taken for the whole. */
import { LRUCache } from 'lru-cache';
import { maxLedgerEntries } from '@tachograph/protocol';
import type { Definition } from './inventory.ts';

/** One page as a caller got it. */
export interface Page {
  /** Who pages, and through what. */
  readonly reader: string;
  /** The cursor it was asked with; absent: the first. */
  readonly cursor: string | undefined;
  /** Absent: the last. */
  readonly nextCursor: string | undefined;
  readonly items: readonly Definition[];
}

export interface PageAssembly {
  /** The whole list when this page completes it. */
  add(page: Page): readonly Definition[] | undefined;
}

const openLists = 100;

export function createPageAssembly(): PageAssembly {
  const open = new LRUCache<string, readonly Definition[]>({ max: openLists });
  return {
    add({ reader, cursor, nextCursor, items }) {
      const before = cursor === undefined ? [] : open.get(`${reader}\n${cursor}`);
      if (before === undefined) return undefined;
      const together = before.length === 0 ? items : [...before, ...items];
      if (nextCursor === undefined) return together;
      if (together.length <= maxLedgerEntries) open.set(`${reader}\n${nextCursor}`, together);
      return undefined;
    },
  };
}
