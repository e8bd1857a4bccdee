import type { MaskingSpec } from '@tachograph/protocol';
import { createMaskPolicy, type MaskPolicy } from './mask-policy.ts';
import { createAssignmentDetector } from './detectors/assignment.ts';
import { basicDetector, bearerDetector } from './detectors/auth-scheme.ts';
import { commandPasswordDetector } from './detectors/command-password.ts';
import { checkPatternShape, createCustomPatternDetector } from './detectors/custom-pattern.ts';
import { curlCredentialsDetector } from './detectors/curl-credentials.ts';
import type { Detector } from './detectors/detector.ts';
import { slightKeywords, slightRule } from './detectors/free-text-names.ts';
import { jwtDetector } from './detectors/jwt.ts';
import { createKeyMatcher, type KeyMatcher } from './detectors/key-matcher.ts';
import { harmlessSuffixes, keyKeywordPairs, keyKeywords, keyRules } from './detectors/key-names.ts';
import { kubernetesSecretDetector } from './detectors/kubernetes-secret.ts';
import { knownTokenDetectors, knownTokenDigest, knownTokenIds } from './detectors/known-token.ts';
import { markedBlobDetector } from './detectors/marked-blob.ts';
import { passwordFileDetector } from './detectors/password-file.ts';
import { pemDetector } from './detectors/pem.ts';
import { secretJudge } from './detectors/secret-judge-weights.ts';
import { urlPasswordDetector } from './detectors/url-user-info.ts';
import { loadPatternEngine } from './pattern-engine.ts';
import { createPersonalDetectors, personalRuleIds } from './personal/index.ts';

/** Rises when the way of finding changes without a change in the rule data. */
const engineVersion = 4;

const shapeDetectors: readonly Detector[] = [
  pemDetector,
  jwtDetector,
  bearerDetector,
  basicDetector,
  urlPasswordDetector,
  commandPasswordDetector,
  markedBlobDetector,
  passwordFileDetector,
  kubernetesSecretDetector,
  curlCredentialsDetector,
];

/** Every rule that evidence can name and `MaskingSpec.off` can switch off. */
export const ruleIds: ReadonlySet<string> = new Set([
  ...keyRules.map(({ id }) => id),
  ...shapeDetectors.map(({ id }) => id),
  ...knownTokenIds,
  ...personalRuleIds,
  'custom-key',
  slightRule,
]);

export interface RuleSet {
  readonly keys: KeyMatcher;
  readonly detectors: readonly Detector[];
  /** Which findings count where, what replaces them, and what is said of places. */
  readonly policy: MaskPolicy;
  /** Resolves when the patterns can be searched. Rejects never: until then, and where that fails, they throw. */
  readonly ready: Promise<void>;
  /** All that decides what is masked, as text; its hash names the rule set in records. */
  readonly canonical: string;
}

/** Compiles a spec. Unknown ids in `off`, unusable `keys`, `patterns` and paths change nothing; `checkMaskingSpec` reports them. */
export function createRuleSet(spec: MaskingSpec): RuleSet {
  const off = new Set(spec.off ?? []);
  const customKeys = (off.has('custom-key') ? [] : (spec.keys ?? [])).filter((key) => /[A-Za-z0-9]/.test(key));
  const keys = createKeyMatcher(off, customKeys);
  const shapes = shapeDetectors.filter(({ id }) => !off.has(id));
  const keywords = toKeyKeywords(customKeys);
  const patterns = (spec.patterns ?? []).filter((pattern) => checkPatternShape(pattern).length === 0);
  const { rules, transforms, allow, points, blobs } = spec;
  return {
    keys,
    policy: createMaskPolicy(spec),
    ready: patterns.length === 0 ? Promise.resolve() : loadEngine(),
    detectors: [
      ...knownTokenDetectors(off),
      ...shapes,
      createAssignmentDetector(keys, keywords),
      ...createPersonalDetectors(off),
      ...patterns.map(createCustomPatternDetector),
    ],
    canonical: JSON.stringify({
      engineVersion,
      keyRules: keyRules.filter(({ id }) => !off.has(id)),
      harmlessSuffixes,
      secretJudge,
      customKeys: customKeys.toSorted(),
      shapes: shapes.map(({ id }) => id),
      known: knownTokenDigest,
      personal: [...personalRuleIds].filter((id) => !off.has(id)),
      off: knownTokenIds.filter((id) => off.has(id)),
      policy: { patterns, rules, transforms, allow, points, blobs },
    }),
  };
}

async function loadEngine(): Promise<void> {
  await loadPatternEngine().catch(() => undefined);
}

const joints = ['', '_', '-', ' ', '.'];

function toKeyKeywords(customKeys: readonly string[]): readonly string[] {
  const pairs = keyKeywordPairs.flatMap(([first, second]) => joints.map((joint) => first + joint + second));
  const custom = customKeys.flatMap((key) => joints.map((joint) => wordsOf(key).join(joint)));
  return [...new Set([...keyKeywords, ...slightKeywords, ...pairs, ...custom])];
}

function wordsOf(key: string): readonly string[] {
  const parts = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return parts.filter((part) => part !== '');
}
