/** The controller: wires ports to endpoints. It keeps nothing that a restart may not lose. */
import { loadConditions, type Conditions } from '@tachograph/policy';
import { createHealth, type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import { startAccess, type Access } from './access/start-access.ts';
import { startAuthHost, type AuthHost, type AuthServerModule } from './auth/auth-host.ts';
import { loadApprovalKeys } from './approvals/approval-key.ts';
import { createPeople } from './approvals/people.ts';
import { startApprovals } from './approvals/start-approvals.ts';
import { createPodAlerts, type TakeAlert } from './alerts/pod-alerts.ts';
import { compileBundle } from './compile-bundle.ts';
import { createControllerApi, type ControllerApiOptions } from './controller-api.ts';
import { startCustody, type CustodyAccounts } from './custody/start-custody.ts';
import { startAdminServer } from './http/admin-server.ts';
import { createHeadRelay } from './ingest/head-relay.ts';
import type { IngestContext } from './ingest/ingest-context.ts';
import { secretNames } from './keys/secret-names.ts';
import { fingerprintOf, loadSigningKey, type SigningKey } from './keys/signing-key.ts';
import { ToolLedger } from './ledger/tool-ledger.ts';
import type { Timers } from './ports.ts';
import { every } from './sequencer/every.ts';
import type { LogPort } from './sequencer/log-port.ts';
import { createSequencerClient } from './sequencer/sequencer-client.ts';
import { createBundleVersions } from './serve/bundle-versions.ts';
import { createBundles } from './serve/bundles.ts';
import { createKeySets } from './serve/key-sets.ts';
import { createLongPoll, type LongPoll } from './serve/long-poll.ts';
import { createPolicyChanges, type PolicyChanges } from './serve/policy-changes.ts';
import { writePolicyStatuses } from './serve/policy-status.ts';
import { createTrust } from './serve/trust.ts';
import { startSinks } from './sink/start-sinks.ts';
import { startSessionKeys } from './session-keys/start-session-keys.ts';
import type { ControllerSettings } from './settings.ts';
import { loadServingAuthority } from './tls/serving-authority.ts';
import { startTlsServer } from './tls/tls-server.ts';
import type { World } from './world.ts';

/** What the controller is wired to. `world` is a cluster or a state directory; closing it is the caller's. */
export interface ControllerOptions {
  readonly settings: ControllerSettings;
  readonly world: World;
  readonly store: ObjectStore;
  /** By which holds are placed and expired objects deleted; absent: by the credentials of the settings. */
  readonly custodyAccounts?: CustodyAccounts;
  /** Objects that one call of custody takes on; absent: 2,000. */
  readonly custodyObjectsOfCall?: number;
  /** Loads the auth server's program, only where `settings.auth` is set; absent: the product's own. */
  readonly loadAuthServer?: () => Promise<AuthServerModule>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** `url`: `https://host:port` with the bound port. `adminPort` serves health and metrics without TLS. */
export interface RunningController {
  readonly url: string;
  readonly adminPort: number;
  /** `sha256:<hex>` of the trust root. */
  readonly fingerprint: string;
  close(): Promise<void>;
}

const sequencerTimeoutMs = 15_000;
const lookEveryMs = 2000;
/** Looks between two rounds of policy statuses where no policy changes. */
const statusEveryLooks = 30;

/**
 * Resolves when it listens; ready only once a sequencer answers as leader (`/readyz`). Rejects when keys cannot be
 * loaded or a port cannot be opened.
 */
export async function startController(options: ControllerOptions): Promise<RunningController> {
  const { settings, world, clock, timers, log } = options;
  const authority = await loadServingAuthority(world.secrets, clock);
  let roots = (): readonly string[] => authority.roots;
  const sequencer = createSequencerClient({
    urls: settings.sequencers,
    roots: () => roots(),
    token: async () => world.componentToken(),
    timeoutMs: sequencerTimeoutMs,
  });
  let ownUrl = '';
  const api = await assembleApi(options, { sequencer, tlsRoots: () => roots(), ownUrl: () => ownUrl });
  const server = await startTlsServer({
    ...options,
    handler: api.app,
    listen: settings.listen,
    names: { dns: ['localhost', ...settings.tlsNames], ip: ['127.0.0.1', '::1'] },
    secrets: world.secrets,
  });
  roots = () => server.authority().roots;
  ownUrl = server.url;
  const health = watchSequencer(sequencer, timers, log);
  const stopSinks = startSinks({
    ...options,
    cluster: settings.cluster,
    settings: settings.sinks,
    sequencer,
    secrets: world.secrets,
  });
  const admin = await startAdminServer(settings.admin, health.health, options.metrics);
  await world.publish({ controller: server.url, fingerprint: api.fingerprint });
  log.info('controller listening', { url: server.url, trust: api.fingerprint });
  return {
    url: server.url,
    adminPort: admin.port,
    fingerprint: api.fingerprint,
    async close() {
      health.stop();
      await stopSinks();
      api.stop();
      await server.close();
      await admin.close();
      sequencer.close();
    },
  };
}

/** What is known of the process once it listens, and what it calls. */
interface Surroundings {
  readonly sequencer: LogPort;
  readonly tlsRoots: () => readonly string[];
  readonly ownUrl: () => string;
}

async function assembleApi(options: ControllerOptions, { sequencer, tlsRoots, ownUrl }: Surroundings) {
  const { settings, world, clock, timers, log } = options;
  const { cluster } = settings;
  const root = await loadSigningKey(world.secrets, secretNames.trustRoot);
  const key = await loadSigningKey(world.secrets, secretNames.bundleKey);
  const longPoll = createLongPoll(timers);
  const conditions = await loadConditions();
  const stopPolicies = world.policies.onChange(() => longPoll.wake());
  const stopInventories = world.inventories.onChange(() => longPoll.wake());
  const changes = createPolicyChanges({ sequencer, timers, log });
  const ledger = createLedger(options, sequencer);
  const stopStatuses = startPolicyStatuses(options, conditions);
  const heads = createHeadRelay({ sequencer, timers, log, intervalMs: settings.headsRelayMs });
  const pageUrl = (id: string): string => `${settings.approvals.url ?? ownUrl()}/approvals/${id}`;
  const held = startApprovals({ ...options, cluster, settings: settings.approvals, pageUrl, sequencer });
  const custody = startCustody({ ...options, sequencer });
  const access = await startAccess({ ...options, sequencer, longPoll });
  const auth = await startAuth(options, access, longPoll);
  const app = createControllerApi({
    ingest: ingestOf(options, sequencer),
    heads,
    trust: createTrust({ cluster, root, bundleKey: key, tlsRoots, sequencer, clock }),
    bundle: bundlesOf(options, { conditions, changes, ledger, key }),
    keySets: keySetsOf(options, { access, auth, key }),
    auth,
    longPoll,
    takeAlert: createAlerts(options),
    approvals: held.approvals,
    reveals: held.reveals,
    ledger,
    approvalKeys: await loadApprovalKeys(world.secrets),
    people: createPeople({ cluster, issuers: world.issuers, clock, revocations: access.revocations }),
    access,
    custody,
    sessionKeys: await startSessionKeys({ settings, secrets: world.secrets, custody: custody.custody }),
    pageUrl,
    log,
    answers: options.metrics.counter('answers_total', 'Answers, by endpoint and status', ['endpoint', 'status']),
  });
  const stop = (): void => {
    for (const stopOne of [stopPolicies, stopInventories, stopStatuses]) stopOne();
    for (const one of [access, auth, changes, heads, held]) one?.stop();
    longPoll.wake();
  };
  return { app, fingerprint: fingerprintOf(root.publicKey), stop };
}

/** Sidecars that wait for the accepted issuers are woken when the keys change. */
async function startAuth(
  options: ControllerOptions,
  { revocations }: Pick<Access, 'revocations'>,
  longPoll: LongPoll,
): Promise<AuthHost | undefined> {
  // As many megabytes as the rest together: not loaded where nobody logs in.
  const { settings, world, loadAuthServer = async () => import('@tachograph/authserver') } = options;
  if (settings.auth === undefined) return undefined;
  const parts = {
    ...options,
    cluster: settings.cluster,
    settings: settings.auth,
    logins: world.logins,
    secrets: world.secrets,
    isRevoked: (subject: Parameters<typeof revocations.isRevoked>[0]) => revocations.isRevoked(subject),
    onKeysChange: () => longPoll.wake(),
  };
  return startAuthHost(parts, await loadAuthServer());
}

function keySetsOf(
  { world, clock }: ControllerOptions,
  of: { readonly access: Access; readonly auth: AuthHost | undefined; readonly key: SigningKey },
): ControllerApiOptions['keySets'] {
  return createKeySets({
    issuers: world.issuers,
    issuersOf: (workload) => (of.auth === undefined ? [] : [of.auth.issuerOf(workload)]),
    revoked: () => of.access.revocations.forStatement(),
    key: of.key,
    clock,
  });
}

function createAlerts({ world, clock, log, metrics }: ControllerOptions): TakeAlert {
  const raised = metrics.counter('alerts_total', 'Alerts that sidecars raised, by kind of rule', ['kind']);
  return createPodAlerts({ events: world.podEvents, clock, log, raised });
}

function bundlesOf(
  { settings, world, clock }: ControllerOptions,
  of: {
    readonly conditions: Conditions;
    readonly changes: PolicyChanges;
    readonly ledger: ToolLedger;
    readonly key: SigningKey;
  },
): ControllerApiOptions['bundle'] {
  return createBundles({
    cluster: settings.cluster,
    policies: world.policies,
    compile: compileBundle(settings.durabilityFloor, of.conditions),
    versions: createBundleVersions(world.secrets, clock, of.changes),
    pins: async (namespace, workload) => of.ledger.forBundle(namespace, workload),
    key: of.key,
    clock,
  });
}

function createLedger({ settings, world, clock, log, metrics }: ControllerOptions, sequencer: LogPort): ToolLedger {
  const drifts = metrics.counter('tool_drift_total', 'Definitions that are not the pinned ones, once for each', [
    'section',
    'change',
  ]);
  return new ToolLedger({
    cluster: settings.cluster,
    sequencer,
    store: world.inventories,
    access: world.serverAccess,
    events: world.podEvents,
    clock,
    log,
    drifts,
  });
}

/** Soon after a policy changes, and from time to time because workloads come and go. */
function startPolicyStatuses({ world, timers, log }: ControllerOptions, conditions: Conditions): () => void {
  const { policyStatuses: statuses, pods } = world;
  if (statuses === undefined) return () => undefined;
  let due = 0;
  const stopListening = world.policies.onChange(() => (due = 0));
  const stop = every({ timers, log, name: 'policy status' }, lookEveryMs, async () => {
    due -= 1;
    if (due > 0) return;
    due = statusEveryLooks;
    await writePolicyStatuses({ statuses, pods, conditions });
  });
  return () => {
    stopListening();
    stop();
  };
}

function ingestOf(
  { settings, world, store, clock, log, metrics }: ControllerOptions,
  sequencer: LogPort,
): IngestContext {
  const conflicts = metrics.counter('object_conflicts_total', 'Objects whose name other bytes hold: an alarm');
  const { identity, pods } = world;
  return { cluster: settings.cluster, store, sequencer, identity, pods, clock, log, conflicts };
}

/** Ready while a sequencer answers as leader: without one nothing can be archived. */
function watchSequencer(sequencer: LogPort, timers: Timers, log: Logger) {
  const health = createHealth();
  let reason: string | undefined = 'no sequencer has answered yet';
  health.add('sequencer', () => reason);
  const look = async (): Promise<void> => {
    reason = await sequencer.status().then(
      () => undefined,
      () => 'no sequencer answers as leader',
    );
  };
  void look();
  return { health, stop: every({ timers, log, name: 'sequencer health' }, lookEveryMs, look) };
}
