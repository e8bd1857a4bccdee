/** Settings of both programs, read once. A bad one stops the process (`SettingsError`). */
import { isIP } from 'node:net';
import { join } from 'node:path';
import { logLevels, SettingsError, type LogLevel, type SettingsReader } from '@tachograph/service';
import type { Durability } from '@tachograph/protocol';
import { readAuthSettings, type HostedAuthSettings } from './auth/auth-settings.ts';
import { readApprovalSettings, type ApprovalSettings } from './approvals/approval-settings.ts';
import { readCustodySettings, type CustodySettings } from './custody/custody-settings.ts';
import { readRemoteKeys, type RemoteKeySettings } from './keys/remote-keys.ts';
import type { SequencerTimes } from './sequencer/sequencer.ts';
import { readSinkSettings, type SinkSettings } from './sink/sink-settings.ts';
import { readWitnessSettings } from './witness/read-witness-settings.ts';
import type { WitnessSettings } from './witness/witnesses.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Where the installation lives. */
export type Place =
  /** `TACHO_STATE`: a directory instead of a cluster. */
  | { readonly kind: 'state'; readonly dir: string }
  /** `TACHO_NAMESPACE`: namespace of Secrets and Lease (default `tachograph-system`). */
  | { readonly kind: 'cluster'; readonly namespace: string };

/** What both programs read. */
export interface CommonSettings {
  readonly place: Place;
  /** `TACHO_CLUSTER`: `[a-z0-9-]{1,40}`, never changed later. */
  readonly cluster: string;
  /** `TACHO_BUCKET`: `gs://bucket[/prefix]` or a directory. */
  readonly bucket: string;
  /** `TACHO_STORAGE_ENDPOINT`: another endpoint than Google's, such as the emulator's. */
  readonly storageEndpoint: string | undefined;
  /** `TACHO_LISTEN`: `host:port` of TLS. */
  readonly listen: HostPort;
  /** `TACHO_ADMIN`: `host:port` of health and metrics, plain. */
  readonly admin: HostPort;
  /** `TACHO_TLS_NAMES`: further DNS names of the serving certificate. */
  readonly tlsNames: readonly string[];
  /** `TACHO_COMPONENTS`: users whose tokens internal endpoints accept. */
  readonly components: readonly string[];
  /** `TACHO_LOG_LEVEL`. */
  readonly logLevel: LogLevel;
}

/** Settings of `tachograph-controller`. */
export interface ControllerSettings extends CommonSettings {
  /** `TACHO_SEQUENCER`: URLs, comma separated. */
  readonly sequencers: readonly string[];
  /** `TACHO_SEQUENCER_TOKEN_FILE`: projected token for the sequencer; only in a cluster. */
  readonly sequencerTokenFile: string;
  /** `TACHO_ISSUERS`: JSON file of accepted issuers; without a cluster it is `issuers.json` of the state directory. */
  readonly issuersFile: string | undefined;
  /** `TACHO_DURABILITY_FLOOR`: the least durability of any bundle. */
  readonly durabilityFloor: Durability;
  /** `TACHO_HEADS_RELAY`: how often heads go to the sequencer. */
  readonly headsRelayMs: number;
  readonly approvals: ApprovalSettings;
  /** `TACHO_AUTH_*`; absent: nobody logs in here. */
  readonly auth: HostedAuthSettings | undefined;
  readonly sinks: SinkSettings;
  readonly custody: CustodySettings;
  /** `TACHO_SESSION_KEYS`: where keys of sealed bodies are kept, an address like `TACHO_BUCKET`'s; absent: nowhere. */
  readonly sessionKeys: string | undefined;
}

/** Settings of `tachograph-sequencer`. `times` in milliseconds. */
export interface SequencerSettings extends CommonSettings {
  readonly times: SequencerTimes;
  /** `TACHO_TILES`: where tiles are published, an address like `TACHO_BUCKET`'s; `off`: nowhere. */
  readonly tiles: string | undefined;
  readonly witnesses: WitnessSettings | undefined;
  readonly remoteKeys: RemoteKeySettings;
  /** `TACHO_ADVERTISE`: URL at which controllers reach this process; default: at `TACHO_POD_IP`, else as bound. */
  readonly advertise: string | undefined;
}

/** Throws `SettingsError`. Ports default to 8443 (TLS) and 9443 (health and metrics). */
export function readControllerSettings(reader: SettingsReader): ControllerSettings {
  const common = readCommon(reader, 'tachograph-controller', { tls: 8443, admin: 9443 }, 'tachograph-injector');
  return {
    ...common,
    sequencers: readSequencers(reader, common.place),
    sequencerTokenFile: reader.text('TACHO_SEQUENCER_TOKEN_FILE') ?? '/var/run/secrets/tachograph/sequencer-token',
    issuersFile: reader.text('TACHO_ISSUERS'),
    durabilityFloor: reader.oneOf('TACHO_DURABILITY_FLOOR', ['process', 'node', 'archive'], 'process'),
    headsRelayMs: reader.durationMs('TACHO_HEADS_RELAY', 1000),
    approvals: readApprovalSettings(reader),
    auth: readAuthSettings(reader),
    sinks: readSinkSettings(reader),
    custody: readCustodySettings(reader),
    sessionKeys: readOwnStore(reader, 'TACHO_SESSION_KEYS', common.place, 'session-keys'),
  };
}

/** Throws `SettingsError`. Ports default to 8444 (TLS) and 9444 (health and metrics). */
export function readSequencerSettings(reader: SettingsReader): SequencerSettings {
  const common = readCommon(reader, 'tachograph-sequencer', { tls: 8444, admin: 9444 }, 'tachograph-controller');
  return {
    ...common,
    tiles: readOwnStore(reader, 'TACHO_TILES', common.place, 'tiles'),
    witnesses: readWitnessSettings(reader),
    remoteKeys: readRemoteKeys(reader),
    advertise: reader.parsed('TACHO_ADVERTISE', 'https://host:port', parseHttps) ?? readPodUrl(reader, common.listen),
    times: {
      cluster: common.cluster,
      gatherMs: reader.durationMs('TACHO_GATHER', 25),
      checkpointIntervalMs: reader.durationMs('TACHO_CHECKPOINT_INTERVAL', 60_000),
      headsIntervalMs: reader.durationMs('TACHO_HEADS_INTERVAL', 60_000),
      sweepIntervalMs: reader.durationMs('TACHO_SWEEP_INTERVAL', 15_000),
      lostAfterMs: reader.durationMs('TACHO_LOST_AFTER', 30 * 60_000),
    },
  };
}

/** Without a cluster they are part of the state directory; with one, they need a bucket of their own. */
function readOwnStore(reader: SettingsReader, name: string, place: Place, directory: string): string | undefined {
  const address = reader.text(name);
  if (address === 'off') return undefined;
  return address ?? (place.kind === 'state' ? join(place.dir, directory) : undefined);
}

/** A pod has one listener for all its addresses, so its port is known before it is bound. */
function readPodUrl(reader: SettingsReader, { port }: HostPort): string | undefined {
  const ip = reader.parsed('TACHO_POD_IP', 'an IP address', (text) => (isIP(text) === 0 ? undefined : text));
  if (ip === undefined) return undefined;
  return `https://${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`;
}

function readCommon(
  reader: SettingsReader,
  service: string,
  ports: { readonly tls: number; readonly admin: number },
  caller: string,
): CommonSettings {
  const place = readPlace(reader);
  const components = reader.list('TACHO_COMPONENTS');
  return {
    place,
    cluster: readCluster(reader),
    bucket: reader.required('TACHO_BUCKET', 'gs://bucket[/prefix] or a directory'),
    storageEndpoint: reader.text('TACHO_STORAGE_ENDPOINT'),
    listen: readListen(reader, 'TACHO_LISTEN', place, ports.tls),
    admin: readListen(reader, 'TACHO_ADMIN', place, ports.admin),
    tlsNames: [...serviceNames(place, service), ...reader.list('TACHO_TLS_NAMES')],
    components:
      components.length > 0 || place.kind === 'state'
        ? components
        : [`system:serviceaccount:${place.namespace}:${caller}`],
    logLevel: reader.oneOf('TACHO_LOG_LEVEL', logLevels, 'info'),
  };
}

export function readPlace(reader: SettingsReader): Place {
  const dir = reader.text('TACHO_STATE');
  if (dir !== undefined) return { kind: 'state', dir };
  return { kind: 'cluster', namespace: reader.text('TACHO_NAMESPACE') ?? 'tachograph-system' };
}

export function readCluster(reader: SettingsReader): string {
  const expected = 'a name of [a-z0-9-], at most 40 characters';
  const name = reader.required('TACHO_CLUSTER', expected);
  if (!/^[a-z0-9-]{1,40}$/.test(name)) throw new SettingsError('TACHO_CLUSTER', name, expected);
  return name;
}

/** Loopback without a cluster, every address in one. */
export function readListen(reader: SettingsReader, name: string, place: Place, port: number): HostPort {
  const fallback = { host: place.kind === 'state' ? '127.0.0.1' : '::', port };
  return reader.parsed(name, 'host:port', parseHostPort) ?? fallback;
}

/** `127.0.0.1:8443` or `[::1]:8443`; `undefined` when malformed. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

function serviceNames(place: Place, service: string): readonly string[] {
  if (place.kind === 'state') return [];
  const base = `${service}.${place.namespace}`;
  return [`${base}.svc`, `${base}.svc.cluster.local`, base, service];
}

function readSequencers(reader: SettingsReader, place: Place): readonly string[] {
  const urls = reader.list('TACHO_SEQUENCER');
  for (const url of urls) {
    if (parseHttps(url) === undefined) throw new SettingsError('TACHO_SEQUENCER', url, 'https://host:port');
  }
  if (urls.length > 0) return urls;
  return [
    place.kind === 'state' ? 'https://127.0.0.1:8444' : `https://tachograph-sequencer.${place.namespace}.svc:8444`,
  ];
}

function parseHttps(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.pathname === '/' ? url.origin : undefined;
}
