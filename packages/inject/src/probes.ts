/** Probes and hooks that dial an MCP port go through the sidecar, which makes exactly the declared request (`contracts.md`, In the pod). */
import type { PodAction, PodContainer, PodProbe, ProbeKind } from '@tachograph/protocol';
import type { Plain } from './equality.ts';
import { reservedPorts } from './settings.ts';

/** Where a probe or hook stands in a container. */
export const actionFields = {
  liveness: ['livenessProbe'],
  readiness: ['readinessProbe'],
  startup: ['startupProbe'],
  postStart: ['lifecycle', 'postStart'],
  preStop: ['lifecycle', 'preStop'],
} as const satisfies Readonly<Record<ProbeKind, readonly string[]>>;

export function actionOf(container: PodContainer, kind: ProbeKind): PodAction | undefined {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const actions: Readonly<Record<ProbeKind, PodAction | null | undefined>> = {
    liveness: livenessProbe,
    readiness: readinessProbe,
    startup: startupProbe,
    postStart: lifecycle?.postStart,
    preStop: lifecycle?.preStop,
  };
  return actions[kind] ?? undefined;
}

/** The path at which the sidecar answers for an action. */
export function probePath(container: PodContainer, kind: ProbeKind): string {
  return `/probe/${container.name}/${kind}`;
}

/** The request of an action on one of `ports`; `undefined`: it is none of ours. With `host`, the kubelet does not dial the pod. */
export function toProbe(container: PodContainer, action: PodAction, ports: readonly number[]): PodProbe | undefined {
  const probe = readAction(container, action);
  return probe !== undefined && ports.includes(probe.port) ? probe : undefined;
}

function readAction(container: PodContainer, action: PodAction): PodProbe | undefined {
  const { httpGet, tcpSocket, grpc } = action;
  if (httpGet && !httpGet.host) return readHttp(container, httpGet);
  if (tcpSocket && !tcpSocket.host) return { type: 'tcp', port: resolvePort(container, tcpSocket.port) };
  if (grpc) return { type: 'grpc', port: grpc.port, ...(grpc.service ? { service: grpc.service } : {}) };
  return undefined;
}

function readHttp(container: PodContainer, httpGet: NonNullable<PodAction['httpGet']>): PodProbe {
  const headers = (httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value ?? ''] as const);
  return {
    type: 'http',
    port: resolvePort(container, httpGet.port),
    path: httpGet.path ?? '/',
    scheme: httpGet.scheme === 'HTTPS' ? 'HTTPS' : 'HTTP',
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
}

/** The action that dials the sidecar instead; periods, thresholds and grace stay. */
export function rewriteAction(action: PodAction, path: string): Plain {
  const { httpGet: _http, tcpSocket: _tcp, grpc: _grpc, ...rest } = action;
  return { ...rest, httpGet: { path, port: reservedPorts.probe, scheme: 'HTTP' } };
}

/** Whether an action already dials the sidecar. */
export function isRewritten(action: PodAction, path: string): boolean {
  return action.httpGet?.port === reservedPorts.probe && action.httpGet.path === path;
}

/** Undoes `rewriteAction` with what the probe table remembers. */
export function restoreAction(action: PodAction, probe: PodProbe): PodAction {
  const { httpGet: _httpGet, ...rest } = action;
  if (probe.type === 'tcp') return { ...rest, tcpSocket: { port: probe.port } };
  if (probe.type === 'grpc') return { ...rest, grpc: { port: probe.port, service: probe.service ?? '' } };
  const { port, path, scheme = 'HTTP', headers = {} } = probe;
  const httpHeaders = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { ...rest, httpGet: { port, path, scheme, ...(httpHeaders.length === 0 ? {} : { httpHeaders }) } };
}

function resolvePort(container: PodContainer, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? (/^\d{1,5}$/.test(port) ? Number(port) : 0);
}
