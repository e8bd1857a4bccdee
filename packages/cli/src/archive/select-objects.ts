/** What a pull fetches: the log and the keys whole, and of the rest what was asked for. */
import type { PullSelection } from '@tachograph/archive';
import type { SegmentLeaf, SessionManifestLeaf } from '@tachograph/protocol';
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
}

/** A session's own segments and manifests. `segmentObjects`: from its newest manifest. */
export function selectSession(
  named: NamedObjects,
  session: string,
  segmentObjects: ReadonlySet<string>,
): SelectedLeaves {
  return {
    segments: named.segments.filter(({ object }) => segmentObjects.has(object)),
    manifests: named.manifests.filter((leaf) => leaf.session === session),
  };
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
export function toWanted({ segments, manifests }: SelectedLeaves): Map<string, WantedObject> {
  return new Map(
    [...segments, ...manifests].map(({ object, generation, sha256, size }) => [
      object,
      { name: object, generation, sha256, size },
    ]),
  );
}

/** `<stream>/<sha256>` of every blob that the segments name. */
export function blobKeys(segments: readonly SegmentLeaf[]): ReadonlySet<string> {
  return new Set(segments.flatMap(({ stream, blobs }) => blobs.map(({ sha256 }) => `${stream}/${sha256}`)));
}
