/**
 * Event ids and task ids that servers gave out, and to whom. Possession of one is no proof of anything (`mcp.md` §2): a
 * server may look an event or a task up by its id alone, whoever asks.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Principal } from '@tachograph/protocol';

export interface Handles {
  /** A server has given it to this caller. */
  give(id: string, principal: Principal): void;
  /** `unknown`: given out before this process began, elsewhere, or long ago. */
  whose(id: string, principal: Principal): 'own' | 'foreign' | 'unknown';
}

/** Servers that count from one give the same id to several; to more than these it tells nobody from anybody. */
const maxOwners = 16;
const longestId = 128;

/** Remembers the `max` that were given or asked for last. */
export function createHandles(max: number): Handles {
  const owners = new LRUCache<string, readonly string[]>({ max });
  return {
    give(id, principal) {
      const key = keyOf(id);
      const known = owners.get(key) ?? [];
      const owner = ownerOf(principal);
      if (!known.includes(owner) && known.length < maxOwners) owners.set(key, [...known, owner]);
    },
    whose(id, principal) {
      const known = owners.get(keyOf(id));
      if (known === undefined || known.length === 0) return 'unknown';
      return known.includes(ownerOf(principal)) || known.length >= maxOwners ? 'own' : 'foreign';
    },
  };
}

function keyOf(id: string): string {
  return id.length > longestId ? hash('sha256', id) : id;
}

/** Session, event and task are a person's or a program's, whatever client they use. */
export function ownerOf({ iss, sub }: Principal): string {
  return `${iss}\n${sub}`;
}
