/** Everything that a hold's selection covers: manifests, the segments they name, and the blobs those name. */
import {
  objectNames,
  parseSessionManifest,
  type LeafSelection,
  type SegmentLeaf,
  type SessionManifest,
  type SessionManifestLeaf,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { readLeaves, readStreamOwners, refKey, type ObjectRef, type StreamOwner } from './custody-log.ts';
import { inParallel } from './parallel.ts';

const readsAtOnce = 16;
/** Manifests that are looked at together. */
const manifestsAtOnce = 256;
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

/** In a fixed order, without repetition. Empty: nothing recorded fits. Keeps only what fits in memory. */
export async function selectObjects(store: ObjectStore, selection: LeafSelection): Promise<readonly ObjectRef[]> {
  const sessions = await fittingSessions(store, selection);
  const segments = await fittingSegments(store, sessions, selection);
  const found = [...sessions.map(({ leaf }) => leaf), ...segments, ...(await blobsOf(store, segments))];
  const unique = new Map(
    found.map(({ object, generation }) => [refKey({ object, generation }), { object, generation }]),
  );
  return [...unique.values()];
}

interface FoundSession {
  readonly leaf: SessionManifestLeaf;
  readonly segments: readonly ObjectRef[];
}

async function fittingSessions(store: ObjectStore, selection: LeafSelection): Promise<readonly FoundSession[]> {
  const fitting: FoundSession[] = [];
  let waiting: SessionManifestLeaf[] = [];
  const look = async (): Promise<void> => {
    const found = await inParallel(waiting, readsAtOnce, async (leaf) => {
      const manifest = await readManifest(store, leaf);
      const fits = manifest !== undefined && fitsSession(manifest, selection);
      return fits ? [{ leaf, segments: manifest.segments }] : [];
    });
    fitting.push(...found.flat());
    waiting = [];
  };
  for await (const leaf of readLeaves(store, ['session.manifest'])) {
    if (mayFit(leaf, selection)) waiting.push(leaf);
    if (waiting.length === manifestsAtOnce) await look();
  }
  await look();
  return fitting;
}

/** By what its name says: namespace, and the day on which the session ended. */
function mayFit({ session, object }: SessionManifestLeaf, selection: LeafSelection): boolean {
  const { namespace, from } = selection;
  if (selection.session !== undefined && session !== selection.session) return false;
  if (namespace !== undefined && !object.includes(`/namespace=${namespace}/`)) return false;
  return from === undefined || Date.parse(dayOfObject(object) ?? '') + dayMs > Date.parse(from);
}

/** `undefined` when it is gone (purged), or is no manifest. */
async function readManifest(
  store: ObjectStore,
  { object, generation }: SessionManifestLeaf,
): Promise<SessionManifest | undefined> {
  const bytes = await store.get(object, { generation });
  return bytes === undefined ? undefined : parseSessionManifest(bytes);
}

function fitsSession(manifest: SessionManifest, selection: LeafSelection): boolean {
  const { subject } = selection;
  return (
    (subject === undefined || manifest.principal?.sub === subject) &&
    fitsOwner(manifest, selection) &&
    overlaps(selection, Date.parse(manifest.opened), Date.parse(manifest.ended))
  );
}

function fitsOwner({ namespace, workload }: StreamOwner, selection: LeafSelection): boolean {
  const { server } = selection;
  return (
    (server === undefined || server === workload || server === `${namespace}/${workload}`) &&
    (selection.namespace === undefined || selection.namespace === namespace)
  );
}

function overlaps({ from, to }: LeafSelection, firstMs: number, lastMs: number): boolean {
  return (from === undefined || lastMs >= Date.parse(from)) && (to === undefined || firstMs < Date.parse(to));
}

/**
 * Segments that the sessions name. Without a session or person asked for, what no manifest names is meant too: sessions still
 * open, and those that were lost.
 */
async function fittingSegments(
  store: ObjectStore,
  sessions: readonly FoundSession[],
  selection: LeafSelection,
): Promise<readonly SegmentLeaf[]> {
  const isWhole = selection.session === undefined && selection.subject === undefined;
  const owners = isWhole ? await readStreamOwners(store) : new Map<string, StreamOwner>();
  const named = new Set(sessions.flatMap(({ segments }) => segments.map(refKey)));
  const fitting: SegmentLeaf[] = [];
  for await (const leaf of readLeaves(store, ['segment'])) {
    if (named.has(refKey(leaf)) || fitsWhole(leaf, owners.get(leaf.stream), selection)) fitting.push(leaf);
  }
  return fitting;
}

function fitsWhole({ object }: SegmentLeaf, owner: StreamOwner | undefined, selection: LeafSelection): boolean {
  const dayStartMs = Date.parse(dayOfObject(object) ?? '');
  return owner !== undefined && fitsOwner(owner, selection) && overlaps(selection, dayStartMs, dayStartMs + dayMs - 1);
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
    for await (const { name, generation } of store.list(prefix)) {
      if (names.has(name)) refs.push({ object: name, generation });
    }
    return refs;
  });
  return found.flat();
}
