import { SettingsError, type SettingsReader } from '@tachograph/service';
import type { Durability } from '@tachograph/protocol';

/** Whose stream it is: what `stream.open` binds. Stated by the pod's own spec; the controller takes its own view from TokenReview. */
export interface RecordedWorkload {
  readonly cluster: string;
  readonly namespace: string;
  readonly workload: string;
  readonly pod: string;
  readonly podUid: string;
}

/** How the controller is reached. */
export interface ControllerSettings {
  /** `https://host:port`. */
  readonly url: string;
  /** `sha256:<hex>` of the trust root's SPKI DER. */
  readonly trust: string;
  /** Bearer token; read again for every call, as the kubelet rotates it. */
  readonly tokenFile: string;
}

export interface RecorderSettings {
  readonly spoolDir: string;
  readonly durability: Durability;
  /** Bytes of the spool's files, blobs included. */
  readonly quotaBytes: number;
  readonly sessionIdleMs: number;
  readonly maxUnarchivedAgeMs: number;
  /** Bodies are sealed by a key of their session, which the controller can destroy. */
  readonly sealsBodies: boolean;
  readonly workload: RecordedWorkload;
  /** `undefined`: sealed segments stay in the spool, up to the quota. */
  readonly controller: ControllerSettings | undefined;
}

const mebibyte = 1024 ** 2;

/** Reads the recorder's part of the environment. Throws `SettingsError`. */
export function readRecorderSettings(reader: SettingsReader): RecorderSettings {
  return {
    spoolDir: reader.required('TACHO_SPOOL', 'a directory'),
    durability: reader.oneOf('TACHO_DURABILITY', ['process', 'node', 'archive'], 'node'),
    quotaBytes: readQuota(reader),
    sessionIdleMs: reader.durationMs('TACHO_SESSION_IDLE', 15 * 60_000),
    maxUnarchivedAgeMs: reader.durationMs('TACHO_MAX_UNARCHIVED_AGE', 15 * 60_000),
    sealsBodies: reader.flag('TACHO_SEAL_BODIES', false),
    workload: {
      cluster: reader.text('TACHO_CLUSTER') ?? 'local',
      namespace: reader.text('TACHO_NAMESPACE') ?? 'default',
      workload: reader.text('TACHO_WORKLOAD') ?? 'local',
      pod: reader.text('TACHO_POD') ?? 'local',
      podUid: reader.text('TACHO_POD_UID') ?? 'local',
    },
    controller: readController(reader),
  };
}

function readQuota(reader: SettingsReader): number {
  const quota = reader.bytes('TACHO_SPOOL_QUOTA', 256 * mebibyte);
  if (quota < 8 * mebibyte) throw new SettingsError('TACHO_SPOOL_QUOTA', String(quota), 'at least 8Mi');
  return quota;
}

function readController(reader: SettingsReader): ControllerSettings | undefined {
  const url = reader.required('TACHO_CONTROLLER', 'https://host:port, or off');
  if (url === 'off') return undefined;
  return {
    url,
    trust: reader.required('TACHO_TRUST', 'sha256:<hex of the trust root>'),
    tokenFile: reader.required('TACHO_TOKEN_FILE', 'a file with the bearer token'),
  };
}
