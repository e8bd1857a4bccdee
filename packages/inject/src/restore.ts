import { annotations, containers as ourNames, parseProbeTable, probeKinds } from '@tachograph/protocol';
import type { PodAction, PodContainer, PodObject, PodProbe, ProbeKind, ProbeTable } from '@tachograph/protocol';
import { isOurs } from './pod-view.ts';
import { actionOf, isRewritten, probePath, restoreAction } from './probes.ts';
import { reason, type Reason } from './reasons.ts';
import { volumes as ourVolumes } from './settings.ts';

/** Whether a pod claims to be injected already. The claim is believed for nothing: our part is derived afresh. */
export function claimsInjection(pod: PodObject): boolean {
  return pod.metadata.annotations?.[annotations.status] !== undefined;
}

export type RestoreResult =
  | { readonly kind: 'restored'; readonly pod: PodObject }
  | { readonly kind: 'dangling'; readonly reason: Reason };

/**
 * The pod as it was before an earlier injection: without our containers and volumes, with its own probes. What a probe
 * was comes from the earlier sidecar's table; a forged table only says what the pod's owner could have declared.
 */
export function restorePod(pod: PodObject): RestoreResult {
  const table = probeTableOf(pod);
  const ourVolumeNames: readonly string[] = Object.values(ourVolumes);
  const inits = restoreAll(pod.spec.initContainers ?? [], table);
  const ordinary = restoreAll(pod.spec.containers, table);
  const dangling = inits.dangling ?? ordinary.dangling;
  if (dangling !== undefined) {
    return { kind: 'dangling', reason: reason('probe_dangling', `${dangling} names a probe that nobody declared`) };
  }
  const spec = {
    ...pod.spec,
    containers: [...ordinary.containers],
    initContainers: [...inits.containers],
    volumes: (pod.spec.volumes ?? []).filter(({ name }) => !ourVolumeNames.includes(name)),
  };
  return { kind: 'restored', pod: { ...pod, spec } };
}

interface RestoredContainers {
  readonly containers: readonly PodContainer[];
  /** The first action that leads to the sidecar without the table knowing it. */
  readonly dangling: string | undefined;
}

function restoreAll(containers: readonly PodContainer[], table: ProbeTable): RestoredContainers {
  let dangling: string | undefined;
  const restored = containers
    .filter((container) => !isOurs(container))
    .map((container) =>
      probeKinds.reduce((it, kind) => {
        const action = actionOf(it, kind);
        if (action === undefined || !isRewritten(action, probePath(container, kind))) return it;
        const probe = probeOf(table, container.name, kind);
        if (probe !== undefined) return withAction(it, kind, restoreAction(action, probe));
        dangling ??= `container ${container.name}: its ${kind} action`;
        return it;
      }, container),
    );
  return { containers: restored, dangling };
}

function probeTableOf(pod: PodObject): ProbeTable {
  const sidecar = pod.spec.initContainers?.find(({ name }) => name === ourNames.sidecar);
  const text = sidecar?.env?.find(({ name }) => name === 'TACHO_PROBES')?.value;
  return (text ? parseProbeTable(text) : undefined) ?? {};
}

function probeOf(table: ProbeTable, container: string, kind: ProbeKind): PodProbe | undefined {
  const kinds = Object.hasOwn(table, container) ? table[container] : undefined;
  return kinds !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

const probeFields = { liveness: 'livenessProbe', readiness: 'readinessProbe', startup: 'startupProbe' } as const;

function withAction(container: PodContainer, kind: ProbeKind, action: PodAction): PodContainer {
  if (kind === 'postStart' || kind === 'preStop') {
    return { ...container, lifecycle: { ...container.lifecycle, [kind]: action } };
  }
  return { ...container, [probeFields[kind]]: action };
}
