import { sessionManifest, type SessionManifest } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import PQueue from 'p-queue';

/** Which sessions to list. `since`: RFC 3339; sessions that ended before are left out. */
export interface SessionFilter {
  readonly namespace?: string | undefined;
  readonly subject?: string | undefined;
  readonly since?: string | undefined;
}

/** A session and where its manifest is. */
export interface FoundSession {
  readonly object: string;
  readonly manifest: SessionManifest;
}

const readAhead = 32;

/** The newest manifest of every session that the filter admits, by the time it opened. */
export async function listSessions(store: ObjectStore, filter: SessionFilter): Promise<readonly FoundSession[]> {
  const queue = new PQueue({ concurrency: readAhead });
  const newest = new Map<string, FoundSession>();
  const reads: Promise<void>[] = [];
  for await (const { name } of store.list('v1/sessions/')) {
    if (!nameFits(name, filter)) continue;
    reads.push(queue.add(async () => keepNewest(newest, name, parseManifest(await store.get(name)))));
    await queue.onSizeLessThan(readAhead);
  }
  await Promise.all(reads);
  return [...newest.values()]
    .filter(({ manifest }) => fits(manifest, filter))
    .toSorted((a, b) => compare(a.manifest.opened, b.manifest.opened));
}

/** The partition in the name spares reading most manifests. */
function nameFits(name: string, filter: SessionFilter): boolean {
  const { namespace, since } = filter;
  if (namespace !== undefined && !name.includes(`/namespace=${namespace}/`)) return false;
  const day = /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(name)?.[1] ?? '';
  return since === undefined || day >= since.slice(0, 10);
}

function fits(manifest: SessionManifest, { subject, since }: SessionFilter): boolean {
  if (subject !== undefined && manifest.principal?.sub !== subject) return false;
  return since === undefined || Date.parse(manifest.ended) >= Date.parse(since);
}

function parseManifest(bytes: Uint8Array | undefined): SessionManifest | undefined {
  try {
    const parsed = sessionManifest.safeParse(JSON.parse(Buffer.from(bytes ?? []).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function keepNewest(newest: Map<string, FoundSession>, object: string, manifest: SessionManifest | undefined): void {
  if (manifest === undefined) return;
  const known = newest.get(manifest.session);
  if (known === undefined || known.manifest.rev < manifest.rev) newest.set(manifest.session, { object, manifest });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
