/** Annotations that shape the sidecar: checked here, so that a bad one is a refusal and not a sidecar that does not start. */
import { annotations, labels, type Durability, type PodObject } from '@tachograph/protocol';
import { annotation } from './pod-view.ts';
import { reason, type Reason } from './reasons.ts';
import { durabilities } from './settings.ts';

/** Texts that go into the sidecar's environment as they are. */
export interface PathSettings {
  readonly paths: string | undefined;
  readonly passthrough: string | undefined;
  readonly healthPaths: string | undefined;
}

const pathList = /^\/[!-+\--~]*(,\/[!-+\--~]*){0,31}$/;
const passthroughList = /^[A-Z]{1,16} \/[!-+\--~]*(,[A-Z]{1,16} \/[!-+\--~]*){0,31}$/;

/** `true`: inject; `false`: leave alone; else why neither. */
export function isMcpServer(pod: PodObject): boolean | Reason {
  const value = pod.metadata.labels?.[labels.mcpServer];
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  return reason('label_value', `label ${labels.mcpServer}: expected "true" or "false", got ${JSON.stringify(value)}`);
}

export function modeReasons(pod: PodObject): readonly Reason[] {
  const mode = annotation(pod, annotations.mode) ?? 'redirect';
  if (mode === 'redirect') return [];
  if (mode === 'takeover') {
    return [reason('mode_unavailable', 'mode takeover is not available in this version; use redirect')];
  }
  return [reason('mode_unknown', `annotation ${annotations.mode}: expected redirect, got ${JSON.stringify(mode)}`)];
}

/** The strongest of what pod, namespace and installation ask for. */
export function durabilityOf(pod: PodObject, floors: readonly (Durability | undefined)[]): Durability | Reason {
  const text = annotation(pod, annotations.durability);
  const asked = durabilities.find((one) => one === text);
  if (text !== undefined && asked === undefined) {
    return reason(
      'annotation_invalid',
      `annotation ${annotations.durability}: expected ${durabilities.join(', ')}, got ${JSON.stringify(text)}`,
    );
  }
  const ranks = [asked ?? 'node', ...floors].map((one) => (one === undefined ? -1 : durabilities.indexOf(one)));
  return durabilities[Math.max(...ranks)] ?? 'archive';
}

export function pathSettings(pod: PodObject): PathSettings | readonly Reason[] {
  const refused = [
    ...mismatch(pod, annotations.paths, pathList, 'a comma list of absolute paths'),
    ...mismatch(pod, annotations.healthPaths, pathList, 'a comma list of absolute paths'),
    ...mismatch(pod, annotations.passthrough, passthroughList, 'a comma list such as "GET /ui,POST /upload"'),
  ];
  if (refused.length > 0) return refused;
  return {
    paths: annotation(pod, annotations.paths),
    passthrough: annotation(pod, annotations.passthrough),
    healthPaths: annotation(pod, annotations.healthPaths),
  };
}

function mismatch(pod: PodObject, name: string, pattern: RegExp, expected: string): readonly Reason[] {
  const value = annotation(pod, name);
  if (value === undefined || (value.length <= 1024 && pattern.test(value))) return [];
  return [reason('annotation_invalid', `annotation ${name}: expected ${expected}`)];
}
