/** A whole sidecar on port 0 in front of one upstream, with a recorder in memory. */
import { hash } from 'node:crypto';
import type {
  BundleGuard,
  BundleLedger,
  BundleAlert,
  BundleLimit,
  Decision,
  JwksPayload,
  MaskingSpec,
  PolicyCall,
  UpstreamSpec,
} from '@tachograph/protocol';
import { createMasker, type Masker } from '@tachograph/masking';
import { compileGuardQuestions } from '@tachograph/policy';
import {
  createSettingsReader,
  silentLogger,
  systemClock,
  type Clock,
  type Environment,
  type Logger,
  type Metrics,
} from '@tachograph/service';
import { createSidecar, type Sidecar, type SidecarOptions } from '../app.ts';
import type { LoginPort } from '../auth-proxy/login-port.ts';
import type { ApprovalPort } from '../approvals/approval-port.ts';
import type { GuardPort } from '../call/guard.ts';
import type { PolicyInForce } from '../call/ports.ts';
import { compilePins } from '../ledger/pins.ts';
import type { ReviewToken } from '../identity/token-reviews.ts';
import type { SendReport } from '../ledger/reporter.ts';
import type { SendAlert } from '../limits/alert-outlets.ts';
import { compileLimits } from '../limits/call-limits.ts';
import { createMaskThread, type MaskThread } from '../masking/mask-thread.ts';
import { nodeMaskCrypto } from '../masking/node-crypto.ts';
import { createPostJson } from '../masking/post-json.ts';
import { createRecognizer } from '../masking/recognizer.ts';
import { createSidecarMasker } from '../masking/sidecar-masker.ts';
import type { Timers } from '../record/timers.ts';
import { readSettings, type SidecarSettings } from '../settings.ts';
import { createCredentials, type Credentials } from '../upstream/credentials.ts';
import { hideValues } from '../upstream/hide-values.ts';
import { createMemoryRecorder, type MemoryRecorder } from './memory-recorder.ts';

export interface Harness {
  readonly url: string;
  readonly sidecar: Sidecar;
  readonly recorder: MemoryRecorder;
  close(): Promise<void>;
}

export interface HarnessOptions {
  readonly upstream: string;
  readonly environment?: Environment;
  readonly decide?: (call: PolicyCall) => Decision;
  readonly issuers?: JwksPayload | undefined;
  /** Stands for the controller's answers about tokens that must be reviewed. */
  readonly review?: ReviewToken;
  /** What lists show; default: everything. */
  readonly mayReach?: (call: PolicyCall) => boolean;
  readonly ledger?: BundleLedger;
  /** Takes what the ledger tells the controller. */
  readonly report?: SendReport;
  /** Stands for the controller's auth server. */
  readonly login?: LoginPort;
  readonly masking?: MaskingSpec;
  /** Replaces the masker of the call's thread. */
  readonly masker?: Masker;
  /** Replaces the program of the masking thread. */
  readonly maskWorker?: URL;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly metrics?: Metrics;
  readonly limits?: readonly BundleLimit[];
  readonly alerts?: readonly BundleAlert[];
  readonly sendAlert?: SendAlert;
  /** What the policy adds towards the server, and what the file of the settings says. */
  readonly credential?: { readonly spec: UpstreamSpec; readonly readFile: (path: string) => string };
  /** No valid policy. */
  readonly noPolicy?: boolean;
  /** What is in force at the moment; default: always the same. */
  readonly inForce?: (policy: PolicyInForce) => PolicyInForce | undefined;
  readonly judgedArguments?: PolicyInForce['judgedArguments'];
  readonly approvals?: ApprovalPort | undefined;
  readonly timers?: Timers;
  readonly guards?: readonly BundleGuard[];
  readonly guardPort?: GuardPort;
}

const times = { issuedAt: '2026-01-01T00:00:00Z', notAfter: '2099-01-01T00:00:00Z' };
const allowAll = JSON.stringify({
  v: 1,
  workload: 'tachograph://local/default/local',
  version: 1,
  ...times,
  default: 'allow',
  rules: [],
  masking: {},
  durabilityFloor: 'process',
});
const noIssuers = JSON.stringify({ v: 1, ...times, issuers: [] });

export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const recorder = createMemoryRecorder();
  const settings = settingsOf(options);
  const { log = silentLogger, clock = systemClock } = options;
  const thread = createMaskThread({
    log,
    timeoutMs: settings.maskTimeoutMs,
    ...(options.maskWorker === undefined ? {} : { program: options.maskWorker }),
  });
  const credentials = createCredentials({
    settings: settings.credential,
    clock,
    readFile: options.credential?.readFile ?? (() => ''),
  });
  const inForce = withCredential(policyOf(options, thread), options, credentials);
  const sidecar = createSidecar({
    settings,
    log,
    clock,
    ...optionalParts(options),
    recorder,
    refusals: recorder,
    policy: { current: () => currentOf(options, inForce) },
    approvals: options.approvals,
    issuers: { current: () => options.issuers, review: options.review },
    credentials,
    sendAlert: options.sendAlert,
  });
  await sidecar.start();
  return {
    url: `http://127.0.0.1:${sidecar.ports()[0] ?? 0}`,
    sidecar,
    recorder,
    close: async () => {
      await sidecar.stop();
      await thread.close();
    },
  };
}

function optionalParts({ metrics, timers, report, guardPort, login }: HarnessOptions): Partial<SidecarOptions> {
  return {
    ...(metrics === undefined ? {} : { metrics }),
    ...(timers === undefined ? {} : { timers }),
    ...(report === undefined ? {} : { report }),
    ...(login === undefined ? {} : { login }),
    ...(guardPort === undefined ? {} : { guards: guardPort }),
  };
}

function currentOf({ noPolicy, inForce }: HarnessOptions, policy: PolicyInForce): PolicyInForce | undefined {
  if (noPolicy === true) return undefined;
  return inForce === undefined ? policy : inForce(policy);
}

function settingsOf(options: HarnessOptions): SidecarSettings {
  return readSettings(
    createSettingsReader({
      TACHO_LISTEN: '127.0.0.1:0',
      TACHO_UPSTREAM: options.upstream,
      TACHO_SPOOL: '/unused',
      TACHO_CONTROLLER: 'off',
      TACHO_POLICY: '/policy.json',
      TACHO_ISSUERS: '/issuers.json',
      // A busy machine masks slowly; the tests about this limit set it.
      TACHO_MASK_TIMEOUT: '100s',
      ...(options.issuers === undefined ? { TACHO_OFF: 'identity' } : {}),
      ...options.environment,
    }),
    (path) => (path === '/policy.json' ? allowAll : noIssuers),
  );
}

function withCredential(
  policy: PolicyInForce,
  { credential }: HarnessOptions,
  credentials: Credentials,
): PolicyInForce {
  if (credential === undefined) return policy;
  return { ...policy, upstream: credential.spec, masker: hideValues(policy.masker, () => credentials.values()) };
}

function policyOf(options: HarnessOptions, thread: MaskThread): PolicyInForce {
  const spec = options.masking ?? {};
  const masker = options.masker ?? createMasker(spec, nodeMaskCrypto);
  const recognizer = spec.recognizer === undefined ? undefined : createRecognizer(spec.recognizer, createPostJson());
  return {
    digest: hash('sha256', 'test'),
    source: 'file',
    decide: options.decide ?? (() => ({ verdict: 'allow' })),
    mayReach: options.mayReach ?? (() => true),
    ledger: compilePins(options.ledger),
    masker: createSidecarMasker({ masker, rules: { spec }, thread, recognizer }),
    limits: compileLimits(options.limits),
    alerts: options.alerts ?? [],
    guards: compileGuardQuestions(options.guards ?? []),
    content: hash('sha256', 'test content'),
    judgedArguments: options.judgedArguments ?? new Set(),
  };
}
