/** The rules in force: a bundle's payload, compiled once. */
import { hash } from 'node:crypto';
import { createMasker } from '@tachograph/masking';
import { compileBundle, compileGuardQuestions, decide, hasConditions, mayAllow } from '@tachograph/policy';
import { bundleContentText, type BundlePayload, type Decision, type Durability } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { conditionArguments } from '../approvals/judged-arguments.ts';
import type { MaskerPort, PolicyInForce, PolicySource, StepsOff } from '../call/ports.ts';
import { compilePins, noPins } from '../ledger/pins.ts';
import { compileLimits } from '../limits/call-limits.ts';
import type { MaskThread } from '../masking/mask-thread.ts';
import { noMasker } from '../masking/no-masker.ts';
import { nodeMaskCrypto } from '../masking/node-crypto.ts';
import type { PostJson } from '../masking/post-json.ts';
import { createRecognizer } from '../masking/recognizer.ts';
import { createSidecarMasker } from '../masking/sidecar-masker.ts';
import type { Credentials } from '../upstream/credentials.ts';
import { hideValues } from '../upstream/hide-values.ts';
import type { BundleSource } from './bundle-source.ts';
import type { ConditionSource } from './condition-source.ts';

const strength: Readonly<Record<Durability, number>> = { process: 0, node: 1, archive: 2 };

const allowed: Decision = { verdict: 'allow' };

/** What maskers need beside their rules. */
export interface MaskingParts {
  readonly thread: MaskThread;
  /** Key of the tokens that replace values; memory only. */
  readonly tokenKey: Uint8Array;
  /** To the recognizer that a policy may declare. */
  readonly postJson: PostJson;
}

export interface PolicySourceOptions {
  readonly bundles: BundleSource;
  readonly off: StepsOff;
  readonly clock: Clock;
  readonly masking: MaskingParts;
  readonly conditions: ConditionSource;
  /** Absent: a policy that asks for one has its calls refused. */
  readonly credentials?: Credentials;
  /** The pod's; a bundle that asks for more is not in force here. */
  readonly durability: Durability;
  /** Told of each bundle before the first call is judged by it. */
  readonly onApplied: (policy: PolicyInForce, payload: BundlePayload) => void;
}

/**
 * Compiles each bundle once; one that has expired is none. A bundle with conditions waits until they can be compiled;
 * meanwhile the one before it stays in force. Without one, and where they cannot, calls are refused.
 */
export function createPolicySource(options: PolicySourceOptions): PolicySource {
  const { bundles, clock, durability, conditions, onApplied } = options;
  let compiledFrom: BundlePayload | undefined;
  let inForce: PolicyInForce | undefined;
  let notAfterMs = 0;
  return {
    current() {
      const bundle = bundles.current();
      if (bundle === undefined) return undefined;
      const { payload } = bundle;
      if (payload !== compiledFrom && (!hasConditions(payload) || conditions.current() !== undefined)) {
        inForce = compile(options, payload, bundle.digest);
        compiledFrom = payload;
        notAfterMs = Date.parse(payload.notAfter);
        onApplied(inForce, payload);
      }
      if (compiledFrom === undefined || (payload !== compiledFrom && conditions.hasFailed())) return undefined;
      const holds = strength[durability] >= strength[compiledFrom.durabilityFloor];
      return holds && notAfterMs > clock.nowMs() ? inForce : undefined;
    },
  };
}

function compile(
  { bundles, off, masking, conditions, credentials }: PolicySourceOptions,
  payload: BundlePayload,
  digest: string,
): PolicyInForce {
  const bundle = compileBundle(payload, hasConditions(payload) ? conditions.current() : undefined);
  const judging: Partial<BundlePayload> = off.policy ? {} : payload;
  const { guards, limits, alerts = [] } = judging;
  return {
    digest,
    source: bundles.kind,
    decide: off.policy ? () => allowed : (call) => decide(bundle, call),
    mayReach: off.policy ? () => true : (call) => mayAllow(bundle, call),
    ledger: off.policy ? noPins : compilePins(payload.ledger),
    masker: hiding(off.masking ? noMasker : compileMasker(payload, masking), credentials),
    upstream: payload.upstream,
    identity: payload.identity,
    guards: guards && compileGuardQuestions(guards),
    content: hash('sha256', bundleContentText(payload)),
    judgedArguments: conditionArguments(payload),
    limits: compileLimits(limits),
    alerts,
  };
}

function hiding(masker: MaskerPort, credentials: Credentials | undefined): MaskerPort {
  return credentials === undefined ? masker : hideValues(masker, () => credentials.values());
}

function compileMasker({ masking: spec }: BundlePayload, { thread, tokenKey, postJson }: MaskingParts): MaskerPort {
  const masker = createMasker(spec, nodeMaskCrypto, { tokenKey });
  const recognizer = spec.recognizer === undefined ? undefined : createRecognizer(spec.recognizer, postJson);
  return createSidecarMasker({ masker, rules: { spec, tokenKey }, thread, recognizer });
}
