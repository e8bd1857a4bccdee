/** `McpPolicy` as people write it, and the bundle that a sidecar gets (`contracts.md`, Bundles). Unknown fields are refused with their path. */
import * as z from 'zod/mini';
import { maskingSpec } from './masking-spec.ts';
import { bundleLedger } from './tool-ledger.ts';

const globs = z.array(z.string().check(z.minLength(1), z.maxLength(256)));
const ruleName = z.string().check(z.regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/));

/** Whom a rule is for. Subjects, groups and service accounts are alternatives; client ids narrow. */
export const policyWho = z.strictObject({
  subjects: z.optional(globs),
  groups: z.optional(globs),
  serviceAccounts: z.optional(globs),
  clientIds: z.optional(globs),
});
export type PolicyWho = z.infer<typeof policyWho>;

/** Which calls a rule is for. */
export const policyWhat = z.strictObject({
  methods: z.optional(globs),
  tools: z.optional(globs),
  resources: z.optional(globs),
  prompts: z.optional(globs),
});
export type PolicyWhat = z.infer<typeof policyWhat>;

/** Who decides on a held call. Lists are globs over a person's `sub` and groups. */
export const approveSpec = z.strictObject({
  subjects: z.optional(globs),
  groups: z.optional(globs),
  /** How many of them must agree; absent: 1. */
  count: z.optional(z.int().check(z.gte(1), z.lte(10))),
  /** How long the call waits for them; absent: 3600. */
  withinSeconds: z.optional(z.int().check(z.gte(30), z.lte(86_400))),
});
export type ApproveSpec = z.infer<typeof approveSpec>;

/** One rule. Lists are globs; without `who` it is for everyone, without `what` for every call but the protocol's own plumbing. */
export const policyRule = z.strictObject({
  name: ruleName,
  who: z.optional(policyWho),
  what: z.optional(policyWhat),
  /** CEL; the rule speaks only where it is true. A condition that fails makes the rule speak unless it allows. */
  when: z.optional(z.string().check(z.minLength(1), z.maxLength(4096))),
  verdict: z.enum(['allow', 'deny', 'approve']),
  /** What the model reads when the rule denies. */
  message: z.optional(z.string().check(z.maxLength(1024))),
  /** Only with the verdict `approve`. */
  approve: z.optional(approveSpec),
});
export type PolicyRule = z.infer<typeof policyRule>;

/** Every verdict of the command guards (`masking.md` §5); `opaque` is of both kinds. */
export const guardVerdictName = z.enum([
  'read',
  'bounded_write',
  'unbounded_write',
  'ddl',
  'privilege',
  'host',
  'benign',
  'destructive',
  'opaque',
]);
export type GuardVerdictName = z.infer<typeof guardVerdictName>;

/**
 * Judges commands in arguments. What `verdicts` does not name: `read`, `benign`, `bounded_write` are allowed, `opaque`
 * needs approval, all others are denied. A verdict that is allowed only raises no objection; it allows no call by itself.
 */
export const guardSpec = z.strictObject({
  /** Absent: every tool. */
  tools: z.optional(globs),
  /** Argument names, or paths that begin with `$.`; absent: the names that commands usually have. */
  arguments: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(256))).check(z.maxLength(64))),
  kind: z.enum(['sql', 'shell']),
  dialect: z.optional(z.string().check(z.minLength(1), z.maxLength(32))),
  verdicts: z.optional(z.partialRecord(guardVerdictName, z.enum(['allow', 'deny', 'approve']))),
  /** `raise`: a tool that calls itself destructive has no `read` and no `benign` command. Absent: `ignore`. */
  destructiveHint: z.optional(z.enum(['ignore', 'raise'])),
  message: z.optional(z.string().check(z.maxLength(1024))),
  /** Who decides where the guard asks for approval. */
  approve: z.optional(approveSpec),
});
export type GuardSpec = z.infer<typeof guardSpec>;

/** At most `calls` in `seconds`, per caller, per tool or for the whole server. */
export const limitSpec = z.strictObject({
  name: ruleName,
  who: z.optional(policyWho),
  what: z.optional(policyWhat),
  per: z.enum(['caller', 'tool', 'server']),
  calls: z.int().check(z.gte(1), z.lte(1_000_000)),
  seconds: z.int().check(z.gte(1), z.lte(86_400)),
  /** How many may come at once; absent: `calls`. */
  burst: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
});
export type LimitSpec = z.infer<typeof limitSpec>;

/** What becomes a record, an Event and a metric. */
export const alertSpec = z.strictObject({
  name: ruleName,
  kind: z.enum(['surge', 'denials', 'credential_probing']),
  threshold: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
  seconds: z.optional(z.int().check(z.gte(1), z.lte(86_400))),
});
export type AlertSpec = z.infer<typeof alertSpec>;

/** What happens to a tool whose definition is no longer the pinned one. */
export const ledgerSpec = z.strictObject({ onDrift: z.optional(z.enum(['record', 'hide', 'hold'])) });
export type LedgerSpec = z.infer<typeof ledgerSpec>;

/** A header that the sidecar adds towards the server; its value is in a Secret of the workload's namespace. */
export const upstreamSpec = z.strictObject({
  header: z.string().check(z.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/)),
  secret: z.strictObject({
    name: z.string().check(z.minLength(1), z.maxLength(253)),
    key: z.string().check(z.minLength(1), z.maxLength(253)),
  }),
  /** Stands before the value, as `Bearer `. */
  prefix: z.optional(z.string().check(z.regex(/^[ -~]{0,64}$/))),
});
export type UpstreamSpec = z.infer<typeof upstreamSpec>;

/** `spec` of an `McpPolicy`. */
export const policySpec = z.strictObject({
  /** Workload names this policy is for; absent: all of the namespace. */
  workloads: z.optional(globs),
  default: z.optional(z.enum(['allow', 'deny'])),
  /** Whom to ask; stands in every denial of this policy. */
  owner: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  /** Tools that no server of the namespace is known to have are refused at admission. */
  strict: z.optional(z.boolean()),
  rules: z.optional(z.array(policyRule).check(z.maxLength(500))),
  masking: z.optional(maskingSpec),
  guards: z.optional(z.array(guardSpec).check(z.maxLength(64))),
  limits: z.optional(z.array(limitSpec).check(z.maxLength(64))),
  alerts: z.optional(z.array(alertSpec).check(z.maxLength(32))),
  ledger: z.optional(ledgerSpec),
  upstream: z.optional(upstreamSpec),
});
export type PolicySpec = z.infer<typeof policySpec>;

/** What no namespace goes below. */
export const floorsSpec = z.strictObject({
  durability: z.optional(z.enum(['process', 'node', 'archive'])),
  /** No policy masks less than this; what it does not say is as if no policy were there. */
  masking: z.optional(maskingSpec),
});
export type FloorsSpec = z.infer<typeof floorsSpec>;

/** `spec` of a `ClusterMcpPolicy`. */
export const clusterPolicySpec = z.strictObject({
  /** Namespaces this policy is for; absent: all. */
  namespaces: z.optional(globs),
  ...policySpec.shape,
  floors: z.optional(floorsSpec),
  /**
   * Who finds out who calls: `checked`, the sidecar, also where no policy says it; `record-only`, the application, whose
   * own OAuth then passes through. One policy that says `checked` is stronger than any that does not.
   */
  identity: z.optional(z.enum(['checked', 'record-only'])),
});
export type ClusterPolicySpec = z.infer<typeof clusterPolicySpec>;

/** Where a part of a bundle came from: `namespace/name`, or the name alone of a `ClusterMcpPolicy`. */
const source = {
  policy: z.string(),
  /** From a `ClusterMcpPolicy`: no namespace loosens it. */
  cluster: z.optional(z.literal(true)),
  owner: z.optional(z.string()),
};

/** A rule with the policy that it came from. */
export const bundleRule = z.strictObject({ ...source, ...policyRule.shape });
export type BundleRule = z.infer<typeof bundleRule>;

/** A guard with the policy that it came from. */
export const bundleGuard = z.strictObject({ ...source, ...guardSpec.shape });
export type BundleGuard = z.infer<typeof bundleGuard>;

/** A limit with the policy that it came from. */
export const bundleLimit = z.strictObject({ ...source, ...limitSpec.shape });
export type BundleLimit = z.infer<typeof bundleLimit>;

/** An alert with the policy that it came from. */
export const bundleAlert = z.strictObject({ ...source, ...alertSpec.shape });
export type BundleAlert = z.infer<typeof bundleAlert>;

/** What a level says where none of its rules speaks, and which policy says it. */
export const bundleDefault = z.strictObject({
  verdict: z.enum(['allow', 'deny']),
  policy: z.string(),
  owner: z.optional(z.string()),
});
export type BundleDefault = z.infer<typeof bundleDefault>;

/** What a bundle statement carries: one workload's rules, compiled from every policy that is for it. */
export const bundlePayload = z.object({
  v: z.literal(1),
  /** Workload URI. */
  workload: z.string(),
  /** Rises with every change; a lower one is refused. */
  version: z.int(),
  issuedAt: z.string(),
  notAfter: z.string(),
  /** The harder of `defaults`; alone, that of the namespace. */
  default: z.enum(['allow', 'deny']),
  /** Cluster and namespace are judged each by itself, and the harder verdict stands. */
  defaults: z.optional(z.strictObject({ cluster: z.optional(bundleDefault), namespace: z.optional(bundleDefault) })),
  rules: z.array(bundleRule),
  masking: maskingSpec,
  guards: z.optional(z.array(bundleGuard)),
  limits: z.optional(z.array(bundleLimit)),
  alerts: z.optional(z.array(bundleAlert)),
  /** What is pinned, beside what policy says of drift. */
  ledger: z.optional(bundleLedger),
  upstream: z.optional(upstreamSpec),
  /** Only the cluster's policies leave it to the application to find out who calls. */
  identity: z.optional(z.literal('record-only')),
  /** The least durability of a pod that may serve under this bundle. */
  durabilityFloor: z.enum(['process', 'node', 'archive']),
});
export type BundlePayload = z.infer<typeof bundlePayload>;

/** What a command guard found in one argument of a call. */
export interface GuardFinding {
  readonly kind: 'sql' | 'shell';
  readonly verdict: GuardVerdictName;
  readonly reasons: readonly string[];
  /** The guard of the bundle that asked for it, by index; a finding without is seen by conditions only. */
  readonly guard?: number;
}

/** The call as policy sees it. */
export interface PolicyCall {
  readonly method: string;
  readonly tool?: string;
  readonly resource?: string;
  readonly prompt?: string;
  readonly subject: string;
  readonly subjectType: 'human' | 'workload' | 'ci' | 'anonymous';
  readonly groups: readonly string[];
  /** The token did not say its groups: what denies, asks or limits by group speaks, what allows by group is silent. */
  readonly groupsUnknown?: true;
  readonly clientId?: string;
  readonly issuer?: string;
  /** `params.arguments`, integers as `bigint`. Asked for only by conditions about them; where it throws they fail. */
  readonly readArguments?: () => unknown;
  /** When the call came; conditions that read `time` fail without. */
  readonly timeMs?: number;
  readonly guards?: readonly GuardFinding[];
}

/** Who decides on a held call, with what the policy left out filled in. */
export interface Approval {
  readonly subjects: readonly string[];
  readonly groups: readonly string[];
  readonly count: number;
  readonly withinSeconds: number;
}

/** Deny beats approve beats allow; `rule` absent: the default decided. */
export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'approve';
  /** A rule's name, or `guard:sql` and `guard:shell`. */
  readonly rule?: string;
  readonly policy?: string;
  readonly message?: string;
  /** Whom to ask. */
  readonly owner?: string;
  /** Present with the verdict `approve`. */
  readonly approve?: Approval;
  /** The rule speaks only because its condition could not be evaluated. */
  readonly conditionFailed?: true;
  /** Present where guards looked at the call. */
  readonly guard?: readonly GuardFinding[];
  /** Present where a limit denies: the same call may pass after so long. */
  readonly retryAfterSeconds?: number;
}
