import { annotations, probeKinds } from '@tachograph/protocol';
import type { Durability, Origin, PodObject, ProbeTable } from '@tachograph/protocol';
import { durabilityOf, modeReasons, pathSettings, type PathSettings } from './annotations.ts';
import { mcpPorts } from './mcp-ports.ts';
import { applicationContainers, declaredUser, hostUser, mayRunAs } from './pod-view.ts';
import { actionOf, toProbe } from './probes.ts';
import type { Reason } from './reasons.ts';
import { refusals } from './refusals.ts';
import type { InjectCrypto, InjectNamespace, InjectSettings, UpstreamSecret } from './settings.ts';
import { ownerName, sidecarUser, workloadName } from './workload.ts';

/** Everything about one pod that its sidecar and rules are built from. */
export interface Plan {
  readonly namespace: string;
  readonly owner: string;
  readonly workload: string;
  readonly ports: readonly number[];
  /** UID of the sidecar: the only one that reaches the application. */
  readonly user: number;
  /** UID with which port-forward arrives. */
  readonly hostUser: number;
  /** What a connection from `hostUser` proves: `loopback-root` where a container could have made it. */
  readonly hostOrigin: Origin;
  readonly durability: Durability;
  readonly paths: PathSettings;
  readonly probes: ProbeTable;
  /** What the sidecar alone mounts, to send it to the server. */
  readonly upstreamSecret: UpstreamSecret | undefined;
  readonly warnings: readonly string[];
}

export interface PlanContext {
  readonly settings: InjectSettings;
  readonly namespace: InjectNamespace;
  readonly crypto: InjectCrypto;
  /** The pod as it arrived: refusals look at it, so that nothing hides behind our names. */
  readonly original: PodObject;
}

/** Plans for a pod without our part. All reasons are given, not only the first. */
export function planPod(pod: PodObject, context: PlanContext): Plan | readonly Reason[] {
  const { settings, namespace, crypto, original } = context;
  const asked = readAsked(pod, [namespace.durabilityFloor, settings.durabilityFloor]);
  const reasons = [...modeReasons(pod), ...refusals(original, settings), ...asked.reasons];
  if (reasons.length > 0 || asked.kind === 'refused') return reasons;
  const host = hostUser(pod);
  const isForgeable = applicationContainers(pod).some(({ container }) => mayRunAs(pod, container, host));
  const { durability, paths } = asked.values;
  return {
    ...asked.values,
    namespace: namespace.name,
    owner: ownerName(pod),
    user: sidecarUser(pod, namespace.name, crypto),
    hostUser: host,
    hostOrigin: isForgeable ? 'loopback-root' : 'port-forward',
    probes: probeTableFor(pod, asked.values.ports),
    upstreamSecret: namespace.upstreamSecret?.(asked.values.workload),
    warnings: [...warningsFor(pod, paths), ...floorWarning(pod, durability), ...dnsWarning(pod)],
  };
}

type Asked =
  | {
      readonly kind: 'read';
      readonly values: Pick<Plan, 'ports' | 'workload' | 'durability' | 'paths'>;
      readonly reasons: [];
    }
  | { readonly kind: 'refused'; readonly reasons: readonly Reason[] };

/** What the pod's own fields and annotations ask for. */
function readAsked(pod: PodObject, floors: readonly (Durability | undefined)[]): Asked {
  const ports = mcpPorts(pod);
  const workload = workloadName(pod);
  const durability = durabilityOf(pod, floors);
  const paths = pathSettings(pod);
  if (!('code' in ports) && typeof workload === 'string' && typeof durability === 'string' && 'healthPaths' in paths) {
    return { kind: 'read', values: { ports, workload, durability, paths }, reasons: [] };
  }
  const results = [ports, workload, durability].filter((it) => typeof it === 'object' && 'code' in it);
  return { kind: 'refused', reasons: [...results, ...('healthPaths' in paths ? [] : paths)] };
}

function probeTableFor(pod: PodObject, ports: readonly number[]): ProbeTable {
  const entries = applicationContainers(pod).flatMap(({ container }) => {
    const probes = probeKinds.flatMap((kind) => {
      const action = actionOf(container, kind);
      const probe = action && toProbe(container, action, ports);
      return probe === undefined ? [] : [[kind, probe] as const];
    });
    return probes.length === 0 ? [] : [[container.name, Object.fromEntries(probes)] as const];
  });
  return Object.fromEntries(entries);
}

function warningsFor(pod: PodObject, paths: PathSettings): readonly string[] {
  return applicationContainers(pod).flatMap(({ container }) => {
    const undeclared = declaredUser(pod, container) === undefined;
    const execs = probeKinds.filter((kind) => actionOf(container, kind)?.exec);
    const advice = `if it dials an MCP port, list its path in ${annotations.healthPaths}`;
    return [
      ...(undeclared
        ? [`container ${container.name} declares no runAsUser: an image that switches user at its start will fail`]
        : []),
      ...(paths.healthPaths === undefined
        ? execs.map((kind) => `container ${container.name}: ${kind} runs a command; ${advice}`)
        : []),
    ];
  });
}

/** The sidecar finds the controller by its Service's name. */
function dnsWarning({ spec }: PodObject): readonly string[] {
  if (spec.dnsPolicy !== 'Default' && spec.dnsPolicy !== 'None') return [];
  return [`dnsPolicy ${spec.dnsPolicy}: the sidecar refuses all calls unless it can resolve the controller’s Service`];
}

function floorWarning(pod: PodObject, durability: Durability): readonly string[] {
  const asked = pod.metadata.annotations?.[annotations.durability];
  return asked === undefined || asked === durability ? [] : [`durability ${asked} raised to ${durability}`];
}
