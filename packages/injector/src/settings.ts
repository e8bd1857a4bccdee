/** Every setting of the injector, read once. A bad one stops the process (`SettingsError`). */
import { durabilities, quantity, type ContainerResources, type InjectSettings } from '@tachograph/inject';
import { logLevels, type LogLevel, type SettingsReader } from '@tachograph/service';

/** The settings as the parts take them. `service` is the webhooks' Service, `upgrader` the user who may replace our images. */
export interface InjectorSettings {
  readonly logLevel: LogLevel;
  readonly listen: { readonly host: string; readonly port: number };
  /** The installation's namespace, where the Secret and the Service are. */
  readonly namespace: string;
  readonly service: string;
  readonly authoritySecret: string;
  /** Secret whose `fingerprint` names the trust root, unless `trust` does. */
  readonly trustSecret: string;
  readonly trust: string | undefined;
  readonly mutatingConfigurations: readonly string[];
  readonly validatingConfigurations: readonly string[];
  readonly exec: 'allow' | 'deny';
  readonly upgrader: string | undefined;
  /** Name of this replica in Events. */
  readonly instance: string;
  readonly inject: Omit<InjectSettings, 'trustFingerprint' | 'nonceKey'>;
  /** File with a token for the controller; absent: pods are not announced. */
  readonly tokenFile: string | undefined;
}

const mebibyte = 1024 ** 2;

/** Reads and checks the `TACHO_*` variables. Throws `SettingsError`. */
export function readInjectorSettings(reader: SettingsReader): InjectorSettings {
  const namespace = reader.required('TACHO_NAMESPACE', 'the installation’s namespace');
  const listen = reader.parsed('TACHO_LISTEN', 'host:port', parseAddress);
  return {
    logLevel: reader.oneOf('TACHO_LOG_LEVEL', logLevels, 'info'),
    listen: listen ?? { host: '::', port: 10_250 },
    namespace,
    service: reader.text('TACHO_SERVICE') ?? 'tachograph-injector',
    authoritySecret: reader.text('TACHO_AUTHORITY_SECRET') ?? 'tachograph-injector-ca',
    trustSecret: reader.text('TACHO_TRUST_SECRET') ?? 'tachograph-trust',
    trust: reader.parsed('TACHO_TRUST', 'sha256:<64 hex digits>', parseFingerprint),
    mutatingConfigurations: reader.list('TACHO_MUTATING_CONFIGURATIONS'),
    validatingConfigurations: reader.list('TACHO_VALIDATING_CONFIGURATIONS'),
    exec: reader.oneOf('TACHO_EXEC', ['allow', 'deny'], 'allow'),
    upgrader: reader.text('TACHO_UPGRADER'),
    instance: reader.text('TACHO_POD') ?? 'tachograph-injector',
    inject: readInjectSettings(reader),
    tokenFile: reader.text('TACHO_TOKEN_FILE'),
  };
}

function readInjectSettings(reader: SettingsReader): InjectorSettings['inject'] {
  const cluster = reader.parsed('TACHO_CLUSTER', 'a cluster name, [a-z0-9-]{1,40}', parseCluster);
  const command = reader.list('TACHO_NETGUARD_COMMAND');
  return {
    version: reader.text('TACHO_VERSION') ?? '0.1.0',
    cluster: cluster ?? reader.required('TACHO_CLUSTER', 'a cluster name, [a-z0-9-]{1,40}'),
    image: reader.required('TACHO_SIDECAR_IMAGE', 'an image reference'),
    imagePullPolicy: reader.oneOf('TACHO_SIDECAR_PULL_POLICY', ['IfNotPresent', 'Always', 'Never'], 'IfNotPresent'),
    netguardCommand: command.length > 0 ? command : ['/usr/local/bin/node', '/app/tachograph-netguard.mjs'],
    controllerUrl:
      reader.parsed('TACHO_CONTROLLER', 'https://host:port', parseHttps) ??
      reader.required('TACHO_CONTROLLER', 'https://host:port'),
    durabilityFloor: reader.oneOf('TACHO_DURABILITY_FLOOR', durabilities, 'process'),
    spoolQuotaBytes: reader.bytes('TACHO_SPOOL_QUOTA', 256 * mebibyte),
    sidecarResources: readResources(reader, 'TACHO_SIDECAR_RESOURCES') ?? {
      requests: { cpu: '50m', memory: '96Mi' },
      limits: { memory: '256Mi' },
    },
    netguardResources: readResources(reader, 'TACHO_NETGUARD_RESOURCES') ?? {
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { memory: '128Mi' },
    },
    hosts: reader.list('TACHO_HOSTS'),
    runtimeClasses: reader.list('TACHO_RUNTIME_CLASSES'),
    requireRunAsUser: reader.flag('TACHO_REQUIRE_RUN_AS_USER', false),
    sealBodies: reader.flag('TACHO_SEAL_BODIES', false),
  };
}

function readResources(reader: SettingsReader, name: string): ContainerResources | undefined {
  return reader.parsed(name, 'JSON {"requests": {…}, "limits": {…}} of quantities', (text) => {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null) return undefined;
      const requests = quantitiesOf('requests' in value ? value.requests : {});
      const limits = quantitiesOf('limits' in value ? value.limits : {});
      return requests === undefined || limits === undefined ? undefined : { requests, limits };
    } catch {
      return undefined;
    }
  });
}

function quantitiesOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).map(([name, amount]) => [name, String(amount)] as const);
  return entries.every(([, amount]) => quantity(amount) !== undefined) ? Object.fromEntries(entries) : undefined;
}

function parseAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** `sha256:<hex>`; `undefined` for anything else. */
export function parseFingerprint(text: string): string | undefined {
  return /^sha256:[0-9a-f]{64}$/.test(text) ? text : undefined;
}

function parseCluster(text: string): string | undefined {
  return /^[a-z0-9-]{1,40}$/.test(text) ? text : undefined;
}

function parseHttps(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.pathname === '/' ? text.replace(/\/$/, '') : undefined;
}
