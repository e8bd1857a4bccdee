import { createHash } from 'node:crypto';
import type { Clock } from '@tachograph/service';
import type { AuthKeys } from './auth-keys.ts';
import type { LoginIndex, LoginStore } from './login-store.ts';
import { openText, sealText } from './sealing.ts';

/** What is stored in one entry, before sealing. */
export interface NewEntry {
  readonly kind: string;
  readonly text: string;
  readonly expiresAtMs: number;
  /** Index values as they are; the store gets digests. */
  readonly indexes?: Partial<Record<LoginIndex, string>>;
}

export interface OpenedEntry {
  readonly text: string;
  readonly expiresAtMs: number;
  /** For `replace`. */
  readonly version: string;
}

/** Entries of one scope (a workload's URI), sealed, with names that tell nothing. */
export interface SealedEntries {
  read(kind: string, id: string): Promise<OpenedEntry | undefined>;
  write(id: string, entry: NewEntry): Promise<void>;
  /** Whether this caller replaced exactly that version: at most one of many does. */
  replace(id: string, entry: NewEntry, version: string): Promise<boolean>;
  remove(kind: string, id: string): Promise<void>;
  removeAll(index: LoginIndex, value: string): Promise<void>;
}

/** State over a store. An entry that does not open (foreign key, altered bytes) is none. */
export function createSealedEntries(options: {
  readonly scope: string;
  readonly store: LoginStore;
  readonly clock: Clock;
  readonly keys: () => AuthKeys;
}): SealedEntries {
  const { scope, store, clock, keys } = options;
  const keyOf = (kind: string, id: string): string => digest(scope, kind, id);
  const seal = (id: string, entry: NewEntry) => {
    const key = keyOf(entry.kind, id);
    const indexes = Object.entries(entry.indexes ?? {}).map(([name, value]) => [name, digest(scope, name, value)]);
    return {
      key,
      sealed: {
        data: sealText(keys().sealing, key, entry.text),
        expiresAtMs: entry.expiresAtMs,
        kind: entry.kind,
        ...Object.fromEntries(indexes),
      },
    };
  };
  return {
    async read(kind, id) {
      const key = keyOf(kind, id);
      const entry = await store.read(key);
      if (entry === undefined || entry.expiresAtMs <= clock.nowMs()) return undefined;
      const text = openText(keys().sealing, key, entry.data);
      return text === undefined ? undefined : { text, expiresAtMs: entry.expiresAtMs, version: entry.version };
    },
    async write(id, entry) {
      const { key, sealed } = seal(id, entry);
      await store.write(key, sealed);
    },
    async replace(id, entry, version) {
      const { key, sealed } = seal(id, entry);
      return (await store.write(key, sealed, version)) === 'written';
    },
    remove: (kind, id) => store.remove(keyOf(kind, id)),
    async removeAll(index, value) {
      const found = await store.keysOf({ name: index, value: digest(scope, index, value) });
      await Promise.all(found.map((key) => store.remove(key)));
    },
  };
}

/** Digest over the parts, each with its length, so that no two lists of parts have one text. */
function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex');
}
