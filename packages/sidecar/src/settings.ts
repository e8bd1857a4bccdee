/** Every setting of the sidecar, read once. A bad one stops the process (`SettingsError`). */
import { SettingsError, type LogLevel, type SettingsReader, logLevels } from '@tachograph/service';
import {
  defaultMcpPaths,
  parseProbeTable,
  parseWorkloadUri,
  serviceHosts,
  workloadUri,
  type BundlePayload,
  type JwksPayload,
  type ProbeTable,
  type WorkloadRef,
} from '@tachograph/protocol';
import type { CallSettings, HoldSettings, PassthroughEntry, StepsOff } from './call/ports.ts';
import type { ReceiveLimits } from './call/listen.ts';
import { parseIssuers } from './identity/issuers.ts';
import { parseListen, type ListenAddress } from './listen-setting.ts';
import { parseBundle } from './policy/bundle-source.ts';
import { readRecorderSettings, type RecorderSettings } from './record/settings.ts';
import type { CredentialSettings } from './upstream/credentials.ts';
import { parseUpstream } from './upstream/target.ts';

/** The settings as the parts take them, defaults filled in. Ranges are checked, files read. */
export interface SidecarSettings {
  readonly logLevel: LogLevel;
  readonly listen: readonly ListenAddress[];
  /** `http://host[:port]`, one or one for each MCP port; host `auto` tries 127.0.0.1, then ::1. */
  readonly upstreams: readonly string[];
  /** What the sidecar adds towards the application where a policy says so. */
  readonly credential: CredentialSettings;
  readonly admin: ListenAddress;
  readonly probeListen: ListenAddress;
  /** Exactly the declared probes, by `<container>/<kind>`. */
  readonly probes: ProbeTable;
  readonly hosts: readonly string[];
  /** Those of them that clients outside of the cluster use, over something that ends TLS. */
  readonly publicHosts: readonly string[];
  /** The workload's URI, and the audience of tokens for it. */
  readonly audience: string;
  readonly workload: WorkloadRef;
  readonly limits: ReceiveLimits;
  readonly call: CallSettings;
  /** What masking one message may take, beside a second a MiB. */
  readonly maskTimeoutMs: number;
  readonly recorder: RecorderSettings;
  /** Replaces the signed bundle. */
  readonly policyFile: { readonly payload: BundlePayload; readonly text: string } | undefined;
  /** Replaces the signed statement of accepted issuers. */
  readonly issuersFile: JwksPayload | undefined;
}

/** Reads a file that a setting names; throws when it cannot be read. */
export type FileReader = (path: string) => string;

/**
 * Reads and checks the `TACHO_*` variables and the files that they name. Throws `SettingsError`, also for a variable that would
 * loosen what the cluster decided where a pod token is mounted (`contracts.md`, Without a cluster).
 */
export function readSettings(reader: SettingsReader, readFile: FileReader): SidecarSettings {
  const off = readStepsOff(reader);
  const recorder = withWorkloadName(readRecorderSettings(reader));
  const inPod = recorder.controller !== undefined && isPodToken(recorder.controller.tokenFile);
  if (inPod) refuseInPod(reader);
  const listen = reader.parsed('TACHO_LISTEN', 'origin=host:port[:appPort], comma separated', parseListen);
  return {
    logLevel: reader.oneOf('TACHO_LOG_LEVEL', logLevels, 'info'),
    listen: listen ?? [{ origin: 'network', host: '127.0.0.1', port: 15001 }],
    upstreams: readUpstreams(reader),
    credential: {
      file: reader.text('TACHO_UPSTREAM_CREDENTIAL_FILE'),
      mounted: reader.parsed('TACHO_UPSTREAM_SECRET', 'name/key of a Secret', parseSecretKey),
    },
    admin: readAddress(reader, 'TACHO_ADMIN') ?? { origin: 'network', host: '127.0.0.1', port: 15_101 },
    probeListen: readAddress(reader, 'TACHO_PROBE_LISTEN') ?? { origin: 'network', host: '::', port: 15_100 },
    probes: reader.parsed('TACHO_PROBES', 'a JSON table of probes', parseProbeTable) ?? {},
    hosts: [
      ...serviceHosts(recorder.workload.namespace),
      ...reader.list('TACHO_POD_IPS'),
      ...reader.list('TACHO_HOSTS'),
    ],
    publicHosts: reader.list('TACHO_HOSTS'),
    audience: workloadUri(recorder.workload),
    workload: recorder.workload,
    limits: {
      headersTimeoutMs: reader.durationMs('TACHO_HEADERS_TIMEOUT', 15_000),
      requestTimeoutMs: reader.durationMs('TACHO_REQUEST_TIMEOUT', 300_000),
      maxHeaderBytes: reader.bytes('TACHO_MAX_HEADER_BYTES', 32 * 1024),
    },
    call: readCallSettings(reader, off),
    maskTimeoutMs: reader.durationMs('TACHO_MASK_TIMEOUT', 5_000),
    recorder,
    policyFile: readPolicyFile(reader, readFile),
    issuersFile: readIssuersFile(reader, readFile, off),
  };
}

/** `TACHO_WORKLOAD` is a name, or the workload's whole URI as the webhook writes it. */
function withWorkloadName(recorder: RecorderSettings): RecorderSettings {
  const named = parseWorkloadUri(recorder.workload.workload);
  return named === undefined ? recorder : { ...recorder, workload: { ...recorder.workload, ...named } };
}

/** The projected token of a pod: whoever runs there must not loosen what the cluster decided. */
function isPodToken(path: string): boolean {
  return path.startsWith('/var/run/secrets/');
}

function refuseInPod(reader: SettingsReader): void {
  for (const name of ['TACHO_OFF', 'TACHO_POLICY', 'TACHO_ISSUERS']) {
    const value = reader.text(name);
    if (value !== undefined) throw new SettingsError(name, value, 'to be unset where a pod token is mounted');
  }
}

const steps = ['identity', 'policy', 'masking', 'record'] as const;

function readStepsOff(reader: SettingsReader): StepsOff {
  const named = reader.list('TACHO_OFF');
  const unknown = named.find((name) => !steps.some((step) => step === name));
  if (unknown !== undefined) throw new SettingsError('TACHO_OFF', unknown, `any of ${steps.join(', ')}`);
  const has = (step: string): boolean => named.includes(step);
  return { identity: has('identity'), policy: has('policy'), masking: has('masking'), record: has('record') };
}

function readUpstreams(reader: SettingsReader): readonly string[] {
  const named = reader.list('TACHO_UPSTREAM');
  const bad = named.find((url) => parseUpstream(url) === undefined);
  if (bad !== undefined) throw new SettingsError('TACHO_UPSTREAM', bad, 'http://host:port, where host may be auto');
  return named.length === 0 ? ['http://auto'] : named;
}

function parseSecretKey(text: string): CredentialSettings['mounted'] {
  const [, name, key] = /^([a-z0-9.-]{1,253})\/([-._A-Za-z0-9]{1,253})$/.exec(text) ?? [];
  return name === undefined || key === undefined ? undefined : { name, key };
}

function readAddress(reader: SettingsReader, name: string): ListenAddress | undefined {
  return reader.parsed(name, 'host:port', (text) => parseListen(text)?.[0]);
}

function readCallSettings(reader: SettingsReader, off: StepsOff): CallSettings {
  const paths = reader.list('TACHO_PATHS');
  return {
    mcpPaths: new Set(paths.length === 0 ? defaultMcpPaths : paths),
    passthrough: reader.parsed('TACHO_PASSTHROUGH', 'METHOD /path, comma separated', parsePassthrough) ?? [],
    healthPaths: new Set(reader.list('TACHO_HEALTH_PATHS')),
    allowedOrigins: new Set(reader.list('TACHO_ORIGINS')),
    maxBodyBytes: reader.bytes('TACHO_MAX_BODY_BYTES', 16 * 1024 * 1024),
    nonce: reader.text('TACHO_NONCE'),
    hold: readHoldSettings(reader),
    off,
  };
}

/** Claude Code and the Inspector count from the last progress (`mcp.md` §4). */
const patientClients = ['claude-code', 'inspector-cli', 'mcp-inspector', 'mcp-inspector-tui'];

function readHoldSettings(reader: SettingsReader): HoldSettings {
  const named = reader.list('TACHO_HOLD_PATIENT_CLIENTS');
  return {
    answerMs: reader.durationMs('TACHO_HOLD', 50_000),
    patientMs: reader.durationMs('TACHO_HOLD_PATIENT', 240_000),
    patientClients: new Set(named.length === 0 ? patientClients : named),
    pageClients: new Set(reader.list('TACHO_HOLD_PAGE_CLIENTS')),
    limits: {
      maxCalls: reader.integer('TACHO_MAX_HOLDS', 64, { min: 1, max: 200 }),
      maxCallsOfCaller: reader.integer('TACHO_MAX_HOLDS_PER_CALLER', 8, { min: 1, max: 200 }),
      maxBytes: reader.bytes('TACHO_HOLD_BYTES', 32 * 1024 * 1024),
    },
    tasks: {
      maxTasks: reader.integer('TACHO_MAX_TASKS', 128, { min: 1, max: 1024 }),
      maxBytes: reader.bytes('TACHO_TASK_BYTES', 16 * 1024 * 1024),
      ttlMs: reader.durationMs('TACHO_TASK_TTL', 900_000),
    },
  };
}

/** `GET /assets/*,POST /hook`: a trailing `*` makes a prefix, anything else is exact. */
export function parsePassthrough(text: string): readonly PassthroughEntry[] | undefined {
  const entries: PassthroughEntry[] = [];
  for (const item of text.split(',')) {
    const [, method, path] = /^\s*([A-Z]+)\s+(\/\S*)\s*$/.exec(item) ?? [];
    if (method === undefined || path === undefined || path.slice(0, -1).includes('*')) return undefined;
    const prefix = path.endsWith('*');
    entries.push({ method, path: prefix ? path.slice(0, -1) : path, prefix });
  }
  return entries;
}

function readPolicyFile(reader: SettingsReader, readFile: FileReader): SidecarSettings['policyFile'] {
  const path = reader.text('TACHO_POLICY');
  if (path === undefined) return needsController(reader, 'TACHO_POLICY');
  const text = readNamedFile('TACHO_POLICY', path, readFile);
  const payload = parseBundle(text);
  if (payload === undefined) throw new SettingsError('TACHO_POLICY', path, 'a JSON file with a bundle payload');
  return { payload, text };
}

function readIssuersFile(reader: SettingsReader, readFile: FileReader, off: StepsOff): JwksPayload | undefined {
  const path = reader.text('TACHO_ISSUERS');
  if (path === undefined) return off.identity ? undefined : needsController(reader, 'TACHO_ISSUERS');
  const payload = parseIssuers(readNamedFile('TACHO_ISSUERS', path, readFile));
  if (payload === undefined) throw new SettingsError('TACHO_ISSUERS', path, 'a JSON file with a jwks payload');
  return payload;
}

/** Without a controller nothing else could say what these files say. */
function needsController(reader: SettingsReader, name: string): undefined {
  if (reader.text('TACHO_CONTROLLER') === 'off')
    throw new SettingsError(name, undefined, 'a JSON file, as TACHO_CONTROLLER is off');
  return undefined;
}

function readNamedFile(name: string, path: string, readFile: FileReader): string {
  try {
    return readFile(path);
  } catch {
    throw new SettingsError(name, path, 'a file that can be read');
  }
}
