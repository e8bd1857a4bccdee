/** What a pull fetches: the log and the keys whole, and of the rest what was asked for. */
import type { PullSelection } from '@tachograph/archive';
import type { SegmentLeaf, SessionManifestLeaf } from '@tachograph/protocol';
import type { SessionSummary } from './find-sessions.ts';
import type { NamedObjects } from './read-leaves.ts';

/** One object to fetch. `generation` and `sha256` are known where a leaf names it. */
export interface WantedObject {
  readonly name: string;
  readonly generation?: string;
  readonly sha256?: string;
  /** Base64 CRC-32C and bytes from the listing. */
  readonly crc32c?: string;
  readonly size?: number;
}

/** Parts of the log that a selection covers. */
export interface SelectedLeaves {
  readonly segments: readonly SegmentLeaf[];
  readonly manifests: readonly SessionManifestLeaf[];
  /** Objects that are named without a leaf of their own: blobs under a hold. */
  readonly others?: readonly WantedObject[];
}

/**
 * The sessions' own segments and all their manifests. The request that opened a session stands right before its first
 * record: where a segment ends with it, that one belongs to the selection too.
 */
export function selectSessions(named: NamedObjects, sessions: readonly SessionSummary[]): SelectedLeaves {
  const objects = new Set(sessions.flatMap(({ segments }) => segments.map(({ object }) => object)));
  const before = new Set(sessions.map(({ stream, first }) => `${stream} ${first - 1}`));
  const ids = new Set(sessions.map(({ session }) => session));
  return {
    segments: named.segments.filter(
      ({ object, stream, last }) => objects.has(object) || before.has(`${stream} ${last}`),
    ),
    manifests: named.manifests.filter(({ session }) => ids.has(session)),
  };
}

/** What the `hold.placed` leaves of one hold name; `undefined` when there is no such hold. */
export function selectHold(named: NamedObjects, hold: string): SelectedLeaves | undefined {
  const held = holdObjects(named, hold);
  if (held === undefined) return undefined;
  const segments = named.segments.filter(({ object }) => held.has(object));
  const manifests = named.manifests.filter(({ object }) => held.has(object));
  const known = new Set([...segments, ...manifests].map(({ object }) => object));
  const others = [...held].filter(([name]) => !known.has(name));
  return { segments, manifests, others: others.map(([name, generation]) => ({ name, generation, ...blobHash(name) })) };
}

/** Objects of a hold with the generation that is held; `undefined` when there is no such hold. */
export function holdObjects(named: NamedObjects, hold: string): ReadonlyMap<string, string> | undefined {
  const parts = named.holds.filter((leaf) => leaf.hold === hold);
  if (parts.length === 0) return undefined;
  return new Map(parts.flatMap(({ objects }) => objects.map(({ object, generation }) => [object, generation])));
}

/** What lies in a namespace and between two days, both included. */
export function selectPeriod(
  named: NamedObjects,
  selection: Extract<PullSelection, { readonly kind: 'period' }>,
): SelectedLeaves {
  const fits = ({ object }: { readonly object: string }): boolean => periodFits(object, selection);
  return { segments: named.segments.filter(fits), manifests: named.manifests.filter(fits) };
}

function periodFits(
  object: string,
  { namespace, from, to }: { namespace?: string; from?: string; to?: string },
): boolean {
  const match = /\/namespace=([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\//.exec(object);
  if (match === null) return false;
  const [, inNamespace = '', day = ''] = match;
  if (namespace !== undefined && inNamespace !== namespace) return false;
  return (from === undefined || day >= from.slice(0, 10)) && (to === undefined || day <= to.slice(0, 10));
}

/** The leaves' objects; blobs are found by the listing, because a leaf states their hash and not their day. */
export function toWanted({ segments, manifests, others = [] }: SelectedLeaves): Map<string, WantedObject> {
  const leaves = [...segments, ...manifests].map(({ object, generation, sha256, size }) => ({
    name: object,
    generation,
    sha256,
    size,
  }));
  return new Map([...leaves, ...others].map((wanted) => [wanted.name, wanted]));
}

/** A blob's name ends in its SHA-256. */
export function blobHash(name: string): { readonly sha256?: string } {
  const sha256 = /^v1\/blobs\/[^/]+\/[^/]+\/([0-9a-f]{64})$/.exec(name)?.[1];
  return sha256 === undefined ? {} : { sha256 };
}

/** `<stream>/<sha256>` of every blob that the segments name. */
export function blobKeys(segments: readonly SegmentLeaf[]): ReadonlySet<string> {
  return new Set(segments.flatMap(({ stream, blobs }) => blobs.map(({ sha256 }) => `${stream}/${sha256}`)));
}

const dayMs = 86_400_000;

/**
 * Prefixes under which a selection's objects stand, so that a pull need not list the whole bucket. A blob stands on
 * the day it arrived: that of its segment, one after, or up to three before.
 */
export function prefixesOf(wanted: Iterable<WantedObject>, segments: readonly SegmentLeaf[]): readonly string[] {
  const prefixes = new Set([...wanted].map(({ name }) => name.slice(0, name.lastIndexOf('/') + 1)));
  for (const { object, stream, blobs, receivedAt } of segments.filter((leaf) => leaf.blobs.length > 0)) {
    const days = [/\/dt=(\d{4}-\d{2}-\d{2})\//.exec(object)?.[1] ?? '', receivedAt.slice(0, 10)];
    for (const day of blobs.length === 0 ? [] : days) addBlobPrefixes(prefixes, stream, day);
  }
  return [...prefixes].filter((prefix) => prefix !== '').toSorted();
}

function addBlobPrefixes(prefixes: Set<string>, stream: string, day: string): void {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at)) return;
  for (let back = -1; back <= 3; back += 1) {
    prefixes.add(`v1/blobs/dt=${new Date(at - back * dayMs).toISOString().slice(0, 10)}/${stream}/`);
  }
}
