import type { Leaf, PodLeaf } from '@tachograph/protocol';
import type { PodFacts } from '../ports.ts';
import type { AdmittedPod } from './log-port.ts';

export type PodLeafType = PodLeaf['type'];
export type CoverageGapLeaf = Extract<Leaf, { type: 'coverage.gap' }>;

export function podLeaf(told: {
  readonly type: PodLeafType;
  readonly cluster: string;
  readonly pod: AdmittedPod;
  readonly at: string;
  readonly reason: string | undefined;
}): PodLeaf {
  const { type, cluster, at, reason, pod } = told;
  const { workload, specDigest } = pod;
  return {
    v: 1,
    type,
    cluster,
    namespace: pod.namespace,
    pod: pod.pod,
    podUid: pod.podUid,
    ...(workload === undefined ? {} : { workload }),
    ...(specDigest === undefined ? {} : { specDigest }),
    ...(reason === undefined ? {} : { reason }),
    at,
  };
}

export function gapLeaf(gap: {
  readonly cluster: string;
  readonly pod: PodFacts;
  readonly at: string;
  readonly reason: string;
}): CoverageGapLeaf {
  const { cluster, at, reason } = gap;
  const { namespace, pod, podUid } = gap.pod;
  return { v: 1, type: 'coverage.gap', cluster, namespace, pod, podUid, reason, at };
}
