/** The auth server within the controller: loaded only where it is configured, made anew when its secret changes. */
import type {
  AcceptedIssuer,
  AuthKeys,
  AuthPath,
  AuthServer,
  AuthServerOptions,
  AuthSettings,
  AuthSite,
} from '@tachograph/authserver';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WorkloadRef } from '@tachograph/protocol';
import { type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { Secrets, Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import { loadAuthKeyring, readKeysEveryMs } from './auth-keyring.ts';
import { createAuthMeters } from './auth-metrics.ts';
import type { HostedAuthSettings } from './auth-settings.ts';
import { createKnownWorkloads, type KnownWorkloads } from './known-workloads.ts';
import type { LoginKeeper } from './login-keeper.ts';
import { readUpstreamSecrets, type UpstreamSecrets } from './upstream-secrets.ts';

/** What of the auth server's package is used. */
export interface AuthServerModule {
  createAuthServer(options: AuthServerOptions): AuthServer;
  createSigningJwk(): AuthKeys['signing'][number]['jwk'];
  mountPath(workload: WorkloadRef): string;
  parseAuthPath(path: string): AuthPath | undefined;
  readonly defaultLifetimes: AuthSettings['lifetimes'];
}

export interface StartAuthHostOptions {
  readonly cluster: string;
  readonly settings: HostedAuthSettings;
  readonly logins: LoginKeeper;
  readonly secrets: Secrets;
  readonly isRevoked: AuthServerOptions['isRevoked'];
  /** Called when `issuerOf` may answer otherwise. */
  readonly onKeysChange: () => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** 0 to 1; keeps replicas from sweeping at once. */
  readonly random?: () => number;
}

export interface AuthHost {
  readonly publicUrl: string | undefined;
  /** Workloads that there are, for callers who have proved none. */
  readonly known: KnownWorkloads;
  /** `undefined`: no path of an auth server. */
  parsePath(path: string): AuthPath | undefined;
  /** `path` is what `parsePath` made of the request's. */
  handle(request: IncomingMessage, response: ServerResponse, at: { path: AuthPath; site: AuthSite }): void;
  /** As sidecars of the workload accept it. */
  issuerOf(workload: WorkloadRef): AcceptedIssuer & { readonly publicUrl?: string };
  stop(): void;
}

const lookAtFilesEveryMs = 10_000;
const sweepEveryMs = 60_000;

/** Throws `SettingsError` for files that cannot be used; the company's provider is not asked anything. */
export async function startAuthHost(options: StartAuthHostOptions, loaded: AuthServerModule): Promise<AuthHost> {
  const { settings, logins, secrets, clock, timers, log, metrics, random = Math.random } = options;
  const meters = createAuthMeters(metrics, log);
  const store = meters.countFailures(logins);
  const ring = await loadAuthKeyring({ secrets, clock, createJwk: () => loaded.createSigningJwk() });
  const make = (files: UpstreamSecrets): AuthServer =>
    loaded.createAuthServer({
      settings: toAuthSettings(options, files, loaded.defaultLifetimes),
      clock,
      log,
      store,
      keys: () => ring.keys(),
      isRevoked: options.isRevoked,
    });
  let files = await readUpstreamSecrets(settings);
  let server = make(files);
  const stops = [
    every({ timers, log, name: 'auth keys' }, readKeysEveryMs, async () => {
      if (await ring.refresh()) options.onKeysChange();
    }),
    every({ timers, log, name: 'auth secret' }, lookAtFilesEveryMs, async () => {
      const next = await readUpstreamSecrets(settings);
      if (next.clientSecret === files.clientSecret && next.ca === files.ca) return;
      // Everything that lasts is in the store: logins that have begun go on.
      [files, server] = [next, make(next)];
      log.info('secret of the identity provider’s client read again');
    }),
    every({ timers, log, name: 'login state' }, sweepEveryMs * (1 + random()), async () => {
      meters.swept(await store.sweep());
    }),
  ];
  log.info('auth server ready', { upstream: settings.upstream.issuer, url: settings.publicUrl });
  return {
    publicUrl: settings.publicUrl,
    known: createKnownWorkloads(secrets, clock),
    parsePath: (path) => loaded.parseAuthPath(path),
    handle(request, response, { path, site }) {
      meters.watch(path, site, response);
      server.handle(request, response, site);
    },
    issuerOf(workload) {
      const issuer = server.issuerOf(workload);
      const { publicUrl: origin } = settings;
      return origin === undefined ? issuer : { ...issuer, publicUrl: `${origin}${loaded.mountPath(workload)}` };
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

function toAuthSettings(
  { cluster, settings }: StartAuthHostOptions,
  { clientSecret, ca }: UpstreamSecrets,
  lifetimes: AuthSettings['lifetimes'],
): AuthSettings {
  const { publicUrl, upstream, redirects, resourceHosts, clientMetadata, accessMs, refreshMs } = settings;
  return {
    cluster,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    upstream: { ...upstream, clientSecret, ...(ca === undefined ? {} : { ca }) },
    redirects,
    resourceHosts,
    clientMetadata,
    lifetimes: {
      ...lifetimes,
      ...(accessMs === undefined ? {} : { accessSeconds: Math.floor(accessMs / 1000) }),
      refreshSeconds: Math.floor(refreshMs / 1000),
    },
  };
}
