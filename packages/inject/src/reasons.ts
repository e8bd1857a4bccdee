/** Why a pod is not injected. Events, metrics and warnings carry the code; people read the message. */
export const refusalCodes = [
  'pod_invalid',
  'label_value',
  'annotation_invalid',
  'mode_unavailable',
  'mode_unknown',
  'os_windows',
  'host_network',
  'host_pid',
  'share_process_namespace',
  'host_path',
  'runtime_class',
  'static_pod',
  'name_reserved',
  'volume_reserved',
  'volume_mounted',
  'audience_reserved',
  'port_reserved',
  'ports_missing',
  'ports_ambiguous',
  'ports_invalid',
  'privileged',
  'capability_added',
  'proc_mount',
  'user_undeclared',
  'probe_dangling',
  'workload_invalid',
  'not_injected',
  'copy_differs',
  'field_immutable',
  'unlabelled',
  'ephemeral_unconfined',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** One reason to refuse a pod. */
export interface Reason {
  readonly code: RefusalCode;
  /** Names the field and says what would be accepted. */
  readonly message: string;
}

export function reason(code: RefusalCode, message: string): Reason {
  return { code, message };
}
