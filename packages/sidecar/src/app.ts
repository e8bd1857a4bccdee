/** The sidecar of one pod, wired: listeners in front, one forwarder for each application port behind. */
import type { Server } from 'node:http';
import { opaqueJudgement } from '@tachograph/policy';
import { describeError, type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { LoginPort } from './auth-proxy/login-port.ts';
import { createLoginRoutes } from './auth-proxy/login-routes.ts';
import { createLoginSeats, loginSeats } from './auth-proxy/login-seats.ts';
import { answerRoomBytes, createAnswerRoom } from './call/answer-room.ts';
import { createCallMasks } from './call/mask.ts';
import type { GuardPort } from './call/guard.ts';
import type { IdentityMode } from './call/exchange.ts';
import { identityMode } from './call/identify.ts';
import { createHandles } from './call/handles.ts';
import { createListener } from './call/listen.ts';
import type { CallContext, Entry, PolicyInForce, PolicySource } from './call/ports.ts';
import { createOutputSchemas } from './call/output-schemas.ts';
import { createSessionTracker } from './call/sessions.ts';
import { createToolHints } from './call/tool-hints.ts';
import { createTally, type Tally } from './call/tally.ts';
import { createHostNames } from './identity/host-names.ts';
import { createLoginServers } from './identity/login-servers.ts';
import { createTokenCheck, type IssuerSource } from './identity/token-check.ts';
import { createAlertOutlets, type SendAlert } from './limits/alert-outlets.ts';
import { createAlerts, type Alerts } from './limits/alerts.ts';
import { createCallLimits, type CallLimits } from './limits/call-limits.ts';
import type { ApprovalPort } from './approvals/approval-port.ts';
import { createHoldDesk } from './approvals/hold-desk.ts';
import { createServerStates } from './approvals/server-state.ts';
import { createTaskShelf } from './approvals/task-shelf.ts';
import { createSessionStreams } from './call/session-streams.ts';
import type { ListenAddress } from './listen-setting.ts';
import { createLedgerParts } from './ledger/ledger-parts.ts';
import type { SendReport } from './ledger/reporter.ts';
import { openServer } from './open-server.ts';
import type { Recorder, RefusalCounter } from './record/recorder.ts';
import { systemTimers, type Timers } from './record/timers.ts';
import type { SidecarSettings } from './settings.ts';
import { createCredentials, noCredentials, type Credentials } from './upstream/credentials.ts';
import { createForwarder, type Forwarder } from './upstream/forwarder.ts';
import { parseUpstream } from './upstream/target.ts';

/** What the sidecar is wired to. It opens and closes its listeners only: recorder, policy and issuers are the caller's. */
export interface SidecarOptions {
  readonly settings: SidecarSettings;
  readonly log: Logger;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly refusals: RefusalCounter;
  readonly policy: PolicySource;
  readonly issuers: IssuerSource;
  /** Where people are asked; without, a call that needs approval is denied. */
  readonly approvals?: ApprovalPort | undefined;
  /** Judges the commands in calls; without, they are opaque. */
  readonly guards?: GuardPort;
  /** Of holds. */
  readonly timers?: Timers;
  /** Absent: what limits deny is counted in the tally alone. */
  readonly metrics?: Metrics;
  /** Absent: there are none. */
  readonly credentials?: Credentials;
  /** Tells the controller of alerts; absent: there is no controller. */
  readonly sendAlert?: SendAlert | undefined;
  /** Tells the controller what the server lists; absent: there is no controller. */
  readonly report?: SendReport | undefined;
  /** The way to the auth server; absent: there is no controller. */
  readonly login?: LoginPort | undefined;
}

/** A sidecar's call path, from `start` to `stop`. */
export interface Sidecar {
  /** Listens. Rejects when a listener cannot be opened. */
  start(): Promise<void>;
  /** Takes no new connections and ends the idle ones; calls on their way go on. */
  drain(): void;
  /** Ends everything that is left. */
  stop(): Promise<void>;
  /** Bound addresses, in the order of the settings. */
  ports(): readonly number[];
  /** Why calls are refused now, by cause; empty when they are not. */
  reasons(): Readonly<Record<string, string>>;
  /** Who finds out who calls, now. */
  identity(): IdentityMode;
  readonly tally: Tally;
}

/** Wires listeners to upstreams; nothing listens before `start`. Throws when a listener has no upstream. */
export function createSidecar(options: SidecarOptions): Sidecar {
  const { settings, log } = options;
  const context = createContext(options);
  const forwarders = new Map<string, Forwarder>();
  const listeners = settings.listen.map((address) => {
    const entry: Entry = { origin: address.origin, forwarder: forwarderFor(forwarders, settings, address) };
    return { address, server: createListener(context, entry, settings.limits) };
  });
  return {
    tally: context.tally,
    async start() {
      await Promise.all(listeners.map(async ({ server, address }) => openServer(server, address.host, address.port)));
      log.info('listening', { ports: listeners.map(({ server }) => portOf(server)).join(',') });
    },
    ports: () => listeners.map(({ server }) => portOf(server)),
    reasons: () => reasonsOf(context),
    identity: () => currentIdentity(context),
    drain() {
      // Their clients are told to call again, while there is still somebody to tell them.
      context.holds.shutdown();
      for (const { server } of listeners) server.close();
      for (const { server } of listeners) server.closeIdleConnections();
    },
    async stop() {
      await Promise.all(listeners.map(async ({ server }) => closeNow(server)));
      for (const forwarder of forwarders.values()) forwarder.close();
    },
  };
}

/** A client comes back with the last event that it got: what lies far behind is nobody's last. */
const rememberedEvents = 32_768;
const rememberedTasks = 16_384;

function createContext(options: SidecarOptions): CallContext {
  const { settings, log, clock, recorder, refusals, policy, issuers } = options;
  const digest = (text: string): string => recorder.digest(text);
  const tally = createTally();
  const masks = createCallMasks();
  const timers = options.timers ?? systemTimers;
  return {
    settings: settings.call,
    clock,
    log,
    recorder,
    refusals,
    policy,
    tokens: createTokenCheck({ issuers, audience: settings.audience, clock, log, digest }),
    hosts: createHostNames(settings.hosts, settings.publicHosts),
    ...createLogin(options),
    masks,
    sessions: createSessionTracker(),
    eventIds: createHandles(rememberedEvents),
    taskIds: createHandles(rememberedTasks),
    tally,
    answers: createAnswerRoom(answerRoomBytes),
    requests: createAnswerRoom(answerRoomBytes),
    schemas: createOutputSchemas(),
    hints: createToolHints(),
    approvals: options.approvals,
    serverStates: createServerStates(() => options.approvals?.key()),
    guards: options.guards ?? noGuards,
    holds: createHoldDesk(settings.call.hold.limits),
    tasks: createTaskShelf(clock, timers, settings.call.hold.tasks),
    streams: createSessionStreams(),
    timers,
    workload: settings.audience,
    limits: createLimits(options, tally),
    alerts: createCallAlerts(options, masks),
    ...createLedgerParts(options, masks),
    credentials: options.credentials ?? createCredentials({ settings: noCredentials, clock, readFile: () => '' }),
  };
}

function createLogin({
  settings: { workload },
  issuers,
  login,
}: SidecarOptions): Pick<CallContext, 'login' | 'loginServers' | 'loginRoutes' | 'loginSeats'> {
  return {
    login,
    loginServers: createLoginServers(issuers, workload),
    loginRoutes: createLoginRoutes(workload),
    loginSeats: createLoginSeats(loginSeats),
  };
}

const noGuards: GuardPort = { judge: async () => opaqueJudgement('there is nothing that could judge it') };

function createLimits({ clock, metrics }: SidecarOptions, tally: Tally): CallLimits {
  const denied = metrics?.counter('limited_total', 'Calls that a limit denied, by its name', ['limit', 'policy']);
  return createCallLimits({
    clock,
    onDenied({ name, policy }) {
      tally.add('limited');
      denied?.inc({ limit: name, policy });
    },
  });
}

function createCallAlerts(options: SidecarOptions, masks: CallContext['masks']): Alerts {
  const { clock, recorder, log, metrics, sendAlert: send, policy } = options;
  const shorten = (name: string): string => {
    const masker = policy.current()?.masker;
    return masker === undefined ? '[withheld]' : masks.short(masker, name);
  };
  return createAlerts({ clock, emit: createAlertOutlets({ recorder, log, metrics, send, shorten }) });
}

/** Listeners of one application port share its connections. */
function forwarderFor(known: Map<string, Forwarder>, settings: SidecarSettings, address: ListenAddress): Forwarder {
  const url = upstreamOf(settings.upstreams, address);
  const key = `${url} ${address.appPort ?? ''}`;
  const target = parseUpstream(url, address.appPort);
  if (target === undefined) throw new Error(`no upstream for port ${address.port}`);
  const forwarder = known.get(key) ?? createForwarder(target);
  known.set(key, forwarder);
  return forwarder;
}

const firstListenerPort = 15_001;
const portsPerListener = 10;

/** In a pod the n-th application port has the listeners 15001+10n to 15003+10n. */
function upstreamOf(upstreams: readonly string[], { port }: ListenAddress): string {
  const index = upstreams.length === 1 ? 0 : Math.floor((port - firstListenerPort) / portsPerListener);
  return upstreams[index] ?? '';
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

async function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function reasonsOf(context: CallContext): Readonly<Record<string, string>> {
  const { recorder, policy, tokens, log } = context;
  const reasons: Record<string, string> = {};
  const refusal = recorder.refusal();
  if (refusal !== undefined) reasons['recorder'] = refusal;
  try {
    if (policy.current() === undefined) reasons['policy'] = 'no valid bundle';
  } catch (error) {
    reasons['policy'] = 'bundle cannot be compiled';
    log.error('bundle not compiled', { err: describeError(error) });
  }
  const identity = currentIdentity(context) === 'checked' ? tokens.unavailable() : undefined;
  const credential = missingNow(context);
  if (credential !== undefined) reasons['credential'] = credential;
  if (identity !== undefined) reasons['identity'] = identity;
  return reasons;
}

function missingNow({ policy, credentials }: CallContext): string | undefined {
  const upstream = policyOrNone(policy)?.upstream;
  const credential = upstream === undefined ? undefined : credentials.of(upstream);
  return credential?.kind === 'missing' ? credential.reason : undefined;
}

/** Without a policy every call is refused, and nobody's word is taken. */
function currentIdentity({ settings, policy }: CallContext): IdentityMode {
  return identityMode({ settings, policy: { current: () => policyOrNone(policy) } });
}

/** A bundle that cannot be compiled is a reason of its own. */
function policyOrNone(policy: PolicySource): PolicyInForce | undefined {
  try {
    return policy.current();
  } catch {
    return undefined;
  }
}
