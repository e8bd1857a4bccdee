/** Bodies between controller and sequencer that `protocol` does not name: both ends are of one version. */
import { archived, inclusionProofAnswer, streamOpenLeaf, type HeadsRequest } from '@tachograph/protocol';
import { isObject } from '../state/state-json.ts';
import type { AdmittedPod, DeletingPod, LogStatus, ManifestRef, SegmentRef, StreamView } from './log-port.ts';

type Parsed<T> = { readonly success: true; readonly data: T } | { readonly success: false };
interface Schema<T> {
  safeParse(value: unknown): Parsed<T>;
}

const refused = { success: false } as const;

/** `{heads: […]}`, at most 10,000. */
export function headsBulk(one: Schema<HeadsRequest>): Schema<readonly HeadsRequest[]> {
  return {
    safeParse(value) {
      const heads = isObject(value) ? value['heads'] : undefined;
      if (!Array.isArray(heads) || heads.length > 10_000) return refused;
      const parsed = heads.map((head) => one.safeParse(head));
      const data = parsed.flatMap((result) => (result.success ? [result.data] : []));
      return data.length === heads.length ? { success: true, data } : refused;
    },
  };
}

export const admittedPod: Schema<AdmittedPod> = {
  safeParse(value) {
    if (!isObject(value)) return refused;
    const { namespace, pod, podUid, workload, specDigest } = value;
    if (!isText(namespace) || !isText(pod) || !isText(podUid)) return refused;
    return {
      success: true,
      data: {
        namespace,
        pod,
        podUid,
        ...(isText(workload) ? { workload } : {}),
        ...(isText(specDigest) ? { specDigest } : {}),
      },
    };
  },
};

/** Reads a stream's view; `undefined` when malformed. */
export function parseStreamView(value: unknown): StreamView | undefined {
  if (!isObject(value)) return undefined;
  const { lastSeq, lastHash, closed, podGoneAtMs, segments, manifests } = value;
  const open = streamOpenLeaf.safeParse(value['open']);
  if (!open.success || typeof lastSeq !== 'number' || !isText(lastHash) || typeof closed !== 'boolean')
    return undefined;
  const at = archived.safeParse(value['archived']);
  return {
    open: open.data,
    lastSeq,
    lastHash,
    closed,
    ...(typeof podGoneAtMs === 'number' ? { podGoneAtMs } : {}),
    ...(at.success ? { archived: at.data } : {}),
    ...(Array.isArray(segments) ? { segments: segments.flatMap((one) => parseSegmentRef(one) ?? []) } : {}),
    ...(Array.isArray(manifests) ? { manifests: manifests.flatMap((one) => parseManifestRef(one) ?? []) } : {}),
  };
}

function parseSegmentRef(value: unknown): SegmentRef | undefined {
  if (!isObject(value)) return undefined;
  const { object, generation, sha256, first, last } = value;
  const texts = isText(object) && isText(generation) && isText(sha256);
  if (!texts || typeof first !== 'number' || typeof last !== 'number') return undefined;
  return { object, generation, sha256, first, last };
}

function parseManifestRef(value: unknown): ManifestRef | undefined {
  const { rev, sha256 } = isObject(value) ? value : {};
  return typeof rev === 'number' && isText(sha256) ? { rev, sha256 } : undefined;
}

/** Reads `{deleting: […]}`. */
export function parseDeleting(value: unknown): readonly DeletingPod[] | undefined {
  const deleting = isObject(value) ? value['deleting'] : undefined;
  if (!Array.isArray(deleting)) return undefined;
  return deleting.flatMap((one): DeletingPod[] => {
    if (!isObject(one)) return [];
    const { podUid, deletionTimestamp } = one;
    return isText(podUid) && isText(deletionTimestamp) ? [{ podUid, deletionTimestamp }] : [];
  });
}

/** Reads `{proof: […]}`. */
export function parseProof(value: unknown): readonly string[] | undefined {
  const parsed = inclusionProofAnswer.safeParse(value);
  return parsed.success ? parsed.data.proof : undefined;
}

export function parseStatus(value: unknown): LogStatus | undefined {
  if (!isObject(value)) return undefined;
  const { size, vkey, checkpointSize } = value;
  if (typeof size !== 'number' || !isText(vkey) || typeof checkpointSize !== 'number') return undefined;
  return { size, vkey, checkpointSize };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
