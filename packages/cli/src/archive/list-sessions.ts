import { readAhead, type SessionSelection } from '@tachograph/archive';
import { parseSessionManifest, type SessionManifest } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { manifestNameFits, sessionFits } from './session-filter.ts';

/** A session and where its manifest is. */
export interface FoundSession {
  readonly object: string;
  readonly manifest: SessionManifest;
}

const manifestsAhead = 32;

/** The newest manifest of every session that fits, by the time it opened. `tool` is not looked at: see `findSessions`. */
export async function listSessions(store: ObjectStore, wanted: SessionSelection): Promise<readonly FoundSession[]> {
  const newest = new Map<string, FoundSession>();
  const read = async (name: string): Promise<Uint8Array | undefined> => store.get(name);
  for await (const [name, bytes] of readAhead(fittingNames(store, wanted), manifestsAhead, read))
    keepNewest(newest, name, bytes && parseSessionManifest(bytes));
  return [...newest.values()]
    .filter(({ manifest }) => sessionFits(manifest, wanted))
    .toSorted((a, b) => compareTexts(a.manifest.opened, b.manifest.opened));
}

async function* fittingNames(store: ObjectStore, wanted: SessionSelection): AsyncGenerator<string> {
  for await (const { name } of store.list('v1/sessions/')) if (manifestNameFits(name, wanted)) yield name;
}

function keepNewest(newest: Map<string, FoundSession>, object: string, manifest: SessionManifest | undefined): void {
  if (manifest === undefined) return;
  const known = newest.get(manifest.session);
  if (known === undefined || known.manifest.rev < manifest.rev) newest.set(manifest.session, { object, manifest });
}

/** Order of two texts by their UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
