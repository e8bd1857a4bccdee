/** Ways around the recorder that a pod can ask for: refused, never skipped (`injection.md` §2.4). */
import { containers as ourNames, controllerAudience, sequencerAudience } from '@tachograph/protocol';
import type { PodContainer, PodObject } from '@tachograph/protocol';
import { reservedPortReasons } from './mcp-ports.ts';
import { applicationContainers, declaredUser, isOurs } from './pod-view.ts';
import { reason, type Reason } from './reasons.ts';
import { claimsInjection } from './restore.ts';
import { volumes as ourVolumes, type InjectSettings } from './settings.ts';

const forbiddenCapability = /^(ALL|SETUID|SETGID|NET_RAW|NET_ADMIN|BPF|SYS_.*)$/;
const ourVolumeNames: readonly string[] = Object.values(ourVolumes);
const ourAudiences: readonly string[] = [controllerAudience, sequencerAudience];

/** On the pod as it arrived: with our status annotation, containers and volumes of our names are an earlier injection's. */
export function refusals(pod: PodObject, settings: InjectSettings): readonly Reason[] {
  const wasInjected = claimsInjection(pod);
  return [
    ...podReasons(pod, settings),
    ...volumeReasons(pod, wasInjected),
    ...nameReasons(pod, wasInjected),
    ...reservedPortReasons(pod),
    ...applicationContainers(pod).flatMap(({ container }) => containerReasons(pod, container, settings)),
  ];
}

function podReasons(pod: PodObject, settings: InjectSettings): readonly Reason[] {
  const { spec } = pod;
  const runtime = spec.runtimeClassName ?? '';
  const rules: readonly (readonly [boolean, Reason])[] = [
    [isWindows(pod), reason('os_windows', 'Windows pods cannot be recorded: there is no rule to redirect their ports')],
    [spec.hostNetwork === true, reason('host_network', 'hostNetwork: the rules would be the node’s')],
    [spec.hostPID === true, reason('host_pid', 'hostPID: the sidecar’s memory would be readable')],
    [
      spec.shareProcessNamespace === true,
      reason('share_process_namespace', 'shareProcessNamespace: the sidecar’s memory would be readable'),
    ],
    [
      runtime !== '' && !settings.runtimeClasses.includes(runtime),
      reason('runtime_class', `runtimeClassName ${runtime} is not known to enforce the rules`),
    ],
    [
      pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined,
      reason('static_pod', 'a static pod cannot be injected; run it through the API server'),
    ],
  ];
  return rules.flatMap(([applies, refusal]) => (applies ? [refusal] : []));
}

function isWindows({ spec }: PodObject): boolean {
  const named = spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows';
  return named || spec.securityContext?.windowsOptions?.hostProcess === true;
}

function volumeReasons(pod: PodObject, wasInjected: boolean): readonly Reason[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const isReserved = ourVolumeNames.includes(volume.name);
    if (isReserved && wasInjected) return [];
    if (isReserved) return [reason('volume_reserved', `volume ${volume.name}: the name belongs to the sidecar`)];
    if (volume.hostPath) return [reason('host_path', `volume ${volume.name}: hostPath reaches the node`)];
    const audiences = (volume.projected?.sources ?? []).map((source) => source.serviceAccountToken?.audience ?? '');
    const stolen = audiences.find((audience) => ourAudiences.includes(audience));
    if (stolen === undefined) return [];
    return [reason('audience_reserved', `volume ${volume.name}: the token audience ${stolen} belongs to the sidecar`)];
  });
}

function nameReasons(pod: PodObject, wasInjected: boolean): readonly Reason[] {
  const misplaced = [...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].filter(isOurs);
  const claimed = wasInjected ? [] : (pod.spec.initContainers ?? []).filter(isOurs);
  return [...misplaced, ...claimed].map(({ name }) =>
    reason('name_reserved', `container ${name}: the name belongs to the tachograph`),
  );
}

function containerReasons(
  pod: PodObject,
  container: PodContainer,
  settings: Pick<InjectSettings, 'requireRunAsUser'>,
): readonly Reason[] {
  const { name, securityContext } = container;
  const added = (securityContext?.capabilities?.add ?? []).filter(isForbiddenCapability);
  const mounted = mountsOf(container).filter((volume) => ourVolumeNames.includes(volume));
  const isUndeclared = settings.requireRunAsUser && declaredUser(pod, container) === undefined;
  return [
    ...added.map((it) =>
      reason('capability_added', `container ${name} adds ${it}, with which it could pass the rules`),
    ),
    ...mounted.map((it) => reason('volume_mounted', `container ${name} mounts ${it}, which belongs to the sidecar`)),
    ...(securityContext?.privileged === true ? [reason('privileged', `container ${name} is privileged`)] : []),
    ...(securityContext?.procMount === 'Unmasked'
      ? [reason('proc_mount', `container ${name}: procMount Unmasked`)]
      : []),
    ...(isUndeclared ? [reason('user_undeclared', `container ${name} declares no runAsUser`)] : []),
  ];
}

function isForbiddenCapability(capability: string): boolean {
  return forbiddenCapability.test(capability.toUpperCase().replace(/^CAP_/, ''));
}

function mountsOf(container: PodContainer): readonly string[] {
  return [...(container.volumeMounts ?? []), ...(container.volumeDevices ?? [])].map(({ name }) => name);
}

/** An ephemeral container is not rewritten: it must already be what the webhook makes of the others. */
export function ephemeralReasons(pod: PodObject, container: PodContainer, sidecarUser: number): readonly Reason[] {
  const { name, targetContainerName } = container;
  const target = targetContainerName ?? '';
  const isTargeted = target === ourNames.sidecar || target === ourNames.netguard;
  const rules: readonly (readonly [boolean, string])[] = [
    [isOurs(container), 'has a name of ours'],
    [!isConfined(container), 'needs allowPrivilegeEscalation: false and drop: [ALL]'],
    [
      isSuspectUser(declaredUser(pod, container), sidecarUser),
      'needs a runAsUser that is not root, nobody or the sidecar',
    ],
    [isTargeted, `targets ${target}`],
  ];
  const unconfined = rules.flatMap(([applies, text]) =>
    applies ? [reason('ephemeral_unconfined', `ephemeral container ${name} ${text}`)] : [],
  );
  return [...unconfined, ...containerReasons(pod, container, { requireRunAsUser: false })];
}

function isConfined({ securityContext }: PodContainer): boolean {
  const drops = securityContext?.capabilities?.drop ?? [];
  const isDropped = drops.includes('ALL') || ['SETUID', 'SETGID', 'NET_RAW'].every((it) => drops.includes(it));
  return isDropped && securityContext?.allowPrivilegeEscalation === false;
}

/** Root and nobody are what port-forward arrives as. */
function isSuspectUser(user: number | undefined, sidecarUser: number): boolean {
  return user === undefined || user === 0 || user === 65_534 || user === sidecarUser;
}
