/** Everything that a hold's selection covers: manifests, the segments they name, and the blobs those name. */
import {
  objectNames,
  sessionManifest,
  type LeafSelection,
  type SegmentLeaf,
  type SessionManifest,
  type SessionManifestLeaf,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { refKey, type CustodyLog, type ObjectRef } from './custody-log.ts';
import { inParallel } from './parallel.ts';

const readsAtOnce = 16;
const dayMs = 86_400_000;

/** Throws `bad_request` for a selection that fits everything, that has no meaning here, or whose times are none. */
export function checkSelection(selection: LeafSelection): void {
  const { session, subject, server, namespace, from, to, tool, hold } = selection;
  if (tool !== undefined || hold !== undefined)
    throw new ControllerError('bad_request', 'holds select by session, subject, server, namespace and time');
  if ([session, subject, server, namespace, from, to].every((one) => one === undefined))
    throw new ControllerError('bad_request', 'the selection is empty: say what to hold');
  for (const time of [from, to]) {
    if (time !== undefined && Number.isNaN(Date.parse(time)))
      throw new ControllerError('bad_request', 'expected RFC 3339 times');
  }
}

/** In a fixed order, without repetition. Empty: nothing recorded fits. */
export async function selectObjects(
  store: ObjectStore,
  log: CustodyLog,
  selection: LeafSelection,
): Promise<readonly ObjectRef[]> {
  const sessions = await fittingSessions(store, log, selection);
  const named = new Set(sessions.flatMap(({ manifest }) => manifest.segments.map(refKey)));
  const segments = log.segments.filter((leaf) => named.has(refKey(leaf)) || fitsWhole(log, leaf, selection));
  const found = [
    ...sessions.map(({ leaf }) => toRef(leaf)),
    ...segments.map(toRef),
    ...(await blobsOf(store, segments)),
  ];
  return [...new Map(found.map((one) => [refKey(one), one])).values()];
}

function toRef({ object, generation }: ObjectRef): ObjectRef {
  return { object, generation };
}

interface FoundSession {
  readonly leaf: SessionManifestLeaf;
  readonly manifest: SessionManifest;
}

async function fittingSessions(
  store: ObjectStore,
  log: CustodyLog,
  selection: LeafSelection,
): Promise<readonly FoundSession[]> {
  const asked = log.manifests.filter(({ session }) => selection.session === undefined || session === selection.session);
  const found = await inParallel(asked, readsAtOnce, async (leaf) => {
    const manifest = await readManifest(store, leaf);
    return manifest !== undefined && fitsSession(manifest, selection) ? [{ leaf, manifest }] : [];
  });
  return found.flat();
}

/** `undefined` when it is gone (purged), or is no manifest. */
async function readManifest(
  store: ObjectStore,
  { object, generation }: SessionManifestLeaf,
): Promise<SessionManifest | undefined> {
  const bytes = await store.get(object, { generation });
  if (bytes === undefined) return undefined;
  try {
    const parsed = sessionManifest.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function fitsSession(manifest: SessionManifest, { subject, server, namespace, from, to }: LeafSelection): boolean {
  return (
    (subject === undefined || manifest.principal?.sub === subject) &&
    (server === undefined || server === manifest.workload || server === `${manifest.namespace}/${manifest.workload}`) &&
    (namespace === undefined || namespace === manifest.namespace) &&
    overlaps({ from, to }, Date.parse(manifest.opened), Date.parse(manifest.ended))
  );
}

function overlaps({ from, to }: Pick<LeafSelection, 'from' | 'to'>, firstMs: number, lastMs: number): boolean {
  return (from === undefined || lastMs >= Date.parse(from)) && (to === undefined || firstMs < Date.parse(to));
}

/** Without a session or person asked for, what no manifest names is meant too: sessions still open, and those that were lost. */
function fitsWhole(log: CustodyLog, leaf: SegmentLeaf, selection: LeafSelection): boolean {
  const { session, subject, server, namespace } = selection;
  const open = log.streams.get(leaf.stream);
  const dayStartMs = Date.parse(dayOfObject(leaf.object) ?? '');
  if (session !== undefined || subject !== undefined || open === undefined) return false;
  return (
    (server === undefined || server === open.workload || server === `${open.namespace}/${open.workload}`) &&
    (namespace === undefined || namespace === open.namespace) &&
    overlaps(selection, dayStartMs, dayStartMs + dayMs - 1)
  );
}

function dayOfObject(object: string): string | undefined {
  return /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(object)?.[1];
}

/** A leaf states a blob's hash; its generation is in the listing of stream and day. */
async function blobsOf(store: ObjectStore, segments: readonly SegmentLeaf[]): Promise<readonly ObjectRef[]> {
  const wanted = new Map<string, Set<string>>();
  for (const { object, stream, blobs } of segments) {
    const day = dayOfObject(object);
    if (day === undefined || blobs.length === 0) continue;
    const prefix = objectNames.blob(day, stream, '');
    const names = wanted.get(prefix) ?? new Set();
    for (const { sha256 } of blobs) names.add(prefix + sha256);
    wanted.set(prefix, names);
  }
  const found = await inParallel([...wanted], readsAtOnce, async ([prefix, names]) => {
    const refs: ObjectRef[] = [];
    for await (const { name, generation } of store.list(prefix))
      if (names.has(name)) refs.push({ object: name, generation });
    return refs;
  });
  return found.flat();
}
