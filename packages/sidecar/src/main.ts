/** The sidecar's process: reads the environment, wires the parts, listens. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createHealth,
  createLogger,
  createMetrics,
  createSettingsReader,
  createShutdown,
  describeError,
  exitOnSignals,
  SettingsError,
  systemClock,
  type Logger,
  type Metrics,
} from '@tachograph/service';
import { hasConditions } from '@tachograph/policy';
import { createAdminServer } from './admin/admin-server.ts';
import { createProbeServer } from './admin/probe-server.ts';
import { createSidecar, type SidecarOptions } from './app.ts';
import type { PolicySource } from './call/ports.ts';
import { createGuardThread } from './guards/guard-thread.ts';
import type { IssuerSource } from './identity/token-check.ts';
import { createMaskThread, type MaskThread } from './masking/mask-thread.ts';
import { createPostJson } from './masking/post-json.ts';
import { openServer } from './open-server.ts';
import { createConditionSource } from './policy/condition-source.ts';
import { createPolicySource } from './policy/in-force.ts';
import { fixedBundle, type BundleSource } from './policy/bundle-source.ts';
import { createQuietCollector, ownCollector } from './quiet-collector.ts';
import { createRecorder, type RunningRecorder } from './record/create-recorder.ts';
import { recordPolicy, recordStepsOff } from './records-of-settings.ts';
import { withoutRecording } from './recording-off.ts';
import { readSettings, type SidecarSettings } from './settings.ts';
import { createCredentials, type Credentials } from './upstream/credentials.ts';

const version = '0.1.0';
const badSettings = 78;
const drainMs = 1_000;
const quietCheckMs = 5_000;

/** http-proxy 1.18.1 calls a deprecated function of Node; nobody who reads the log can change that. */
process.noDeprecation = true;

async function main(): Promise<void> {
  const settings = readSettings(createSettingsReader(process.env), (path) => readFileSync(path, 'utf8'));
  const log = createLogger('sidecar', settings.logLevel);
  const metrics = createMetrics({ defaults: true });
  const shutdown = createShutdown(log);
  const running = await startRecorder(settings, log, metrics);
  shutdown.add('recorder', async () => running.close());
  const { off } = settings.call;
  await recordStepsOff(running.recorder, off);
  const thread = createMaskThread({ log, timeoutMs: settings.maskTimeoutMs });
  shutdown.add('masking thread', async () => thread.close());
  const guards = createGuardThread({ log });
  shutdown.add('guards', async () => guards.close());
  const credentials = createCredentials({
    settings: settings.credential,
    clock: systemClock,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  const policy = await createPolicy(settings, running, { log, thread, credentials });
  const sidecar = createSidecar({
    settings,
    log,
    clock: systemClock,
    recorder: off.record ? withoutRecording(running.recorder) : running.recorder,
    refusals: running.refusals,
    policy,
    metrics,
    credentials,
    ...controllerParts(running),
    issuers: issuersOf(settings, running),
    guards,
  });
  const health = createHealth();
  health.add('calls', () => describeReasons(sidecar.reasons()));
  const admin = createAdminServer({ health, metrics, tally: sidecar.tally, identity: () => sidecar.identity() });
  await openServer(admin, settings.admin.host, settings.admin.port);
  await startProbes(settings, metrics);
  await sidecar.start();
  const collectWhenQuiet = createQuietCollector(ownCollector());
  setInterval(() => void collectWhenQuiet(), quietCheckMs).unref();
  shutdown.add('listeners', async () => {
    sidecar.drain();
    await new Promise((resolve) => setTimeout(resolve, drainMs));
    await sidecar.stop();
  });
  exitOnSignals(shutdown, log);
}

/** What only a controller has. */
function controllerParts({
  statements,
}: RunningRecorder): Pick<SidecarOptions, 'approvals' | 'login' | 'report' | 'sendAlert'> {
  if (statements === undefined) return {};
  const { approvals, login, reportTools: report, sendAlert } = statements;
  return { approvals, login, report, sendAlert };
}

interface PolicyParts {
  readonly log: Logger;
  readonly thread: MaskThread;
  readonly credentials: Credentials;
}

async function createPolicy(
  settings: SidecarSettings,
  running: RunningRecorder,
  { log, thread, credentials }: PolicyParts,
): Promise<PolicySource> {
  const { recorder } = running;
  const bundles = bundlesOf(settings, running);
  const conditions = createConditionSource(log);
  const atStart = bundles.current();
  if (atStart !== undefined && hasConditions(atStart.payload)) await conditions.load();
  return createPolicySource({
    bundles,
    conditions,
    credentials,
    durability: settings.recorder.durability,
    off: settings.call.off,
    clock: systemClock,
    masking: {
      thread,
      tokenKey: Buffer.from(recorder.digest('tachograph/mask-tokens/v1'), 'hex'),
      postJson: createPostJson(),
    },
    onApplied: (applied, payload) => recordPolicy({ recorder, log }, applied, payload),
  });
}

async function startRecorder(settings: SidecarSettings, log: Logger, metrics: Metrics): Promise<RunningRecorder> {
  const { audience, hosts, listen: addresses, call } = settings;
  const effective = JSON.stringify({ audience, hosts, addresses, off: call.off, limits: settings.limits });
  return createRecorder({
    settings: settings.recorder,
    about: {
      version,
      settingsDigest: createHash('sha256').update(effective).digest('hex'),
      stepsOff: Object.entries(call.off).flatMap(([step, isOff]) => (isOff ? [step] : [])),
    },
    log,
    clock: systemClock,
    metrics,
  });
}

function issuersOf({ issuersFile }: SidecarSettings, { statements }: RunningRecorder): IssuerSource {
  return { current: () => issuersFile ?? statements?.jwks.current()?.payload, review: statements?.reviewToken };
}

function bundlesOf({ policyFile }: SidecarSettings, { statements }: RunningRecorder): BundleSource {
  return policyFile === undefined
    ? { kind: 'bundle', current: () => statements?.bundle.current() }
    : fixedBundle(policyFile.payload, policyFile.text);
}

function describeReasons(reasons: Readonly<Record<string, string>>): string | undefined {
  const named = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`);
  return named.length === 0 ? undefined : named.join('; ');
}

async function startProbes({ probes, probeListen }: SidecarSettings, metrics: Metrics): Promise<void> {
  if (Object.keys(probes).length === 0) return;
  const counter = metrics.counter('probes_total', 'Probes made for the kubelet', ['probe']);
  const server = createProbeServer(probes, (probe) => counter.inc({ probe }));
  await openServer(server, probeListen.host, probeListen.port);
}

main().catch((error: unknown) => {
  createLogger('sidecar', 'error').error('cannot start', { err: describeError(error) });
  process.exit(error instanceof SettingsError ? badSettings : 1);
});
