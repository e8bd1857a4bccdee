/**
 * Event ids and task ids that servers gave out, and to whom. Possession of one is no proof of anything (`mcp.md` §2): a
 * server may look an event or a task up by its id alone, whoever asks.
 */
import { hash } from 'node:crypto';
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

/** Remembers the `max` that were given or asked for last; takes no memory before there are any. */
export function createHandles(max: number): Handles {
  const owners = new Map<string, readonly string[]>();
  const keep = (key: string, value: readonly string[]): void => {
    // A map keeps the order of insertion: the last one is the newest.
    owners.delete(key);
    owners.set(key, value);
    const [oldest] = owners.size > max ? owners.keys() : [];
    if (oldest !== undefined) owners.delete(oldest);
  };
  return {
    give(id, principal) {
      const key = keyOf(id);
      const known = owners.get(key) ?? [];
      const owner = ownerOf(principal);
      keep(key, known.includes(owner) || known.length >= maxOwners ? known : [...known, owner]);
    },
    whose(id, principal) {
      const key = keyOf(id);
      const known = owners.get(key);
      if (known === undefined) return 'unknown';
      keep(key, known);
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
