import type { LoginMemory } from './login-port.ts';
import type { SealedEntries } from './sealed-entries.ts';

/** How long a taken value's tombstone stays if its removal fails. */
const tombstoneMs = 60_000;

/** The login part's memory over the installation's entries. */
export function createLoginMemory(entries: SealedEntries, nowMs: () => number): LoginMemory {
  return {
    read: async (kind, id) => readLive(entries, kind, id).then((entry) => entry?.text),
    write: (kind, id, { text, expiresAtMs }) => entries.write(id, { kind, text: `+${text}`, expiresAtMs }),
    async take(kind, id) {
      const entry = await readLive(entries, kind, id);
      if (entry === undefined) return undefined;
      // The conditional write decides who gets it; a removal would succeed for every caller.
      const mine = await entries.replace(id, { kind, text: '-', expiresAtMs: nowMs() + tombstoneMs }, entry.version);
      if (!mine) return undefined;
      await entries.remove(kind, id);
      return entry.text;
    },
  };
}

async function readLive(
  entries: SealedEntries,
  kind: string,
  id: string,
): Promise<{ readonly text: string; readonly version: string } | undefined> {
  const entry = await entries.read(kind, id);
  return entry?.text.startsWith('+') === true ? { text: entry.text.slice(1), version: entry.version } : undefined;
}
