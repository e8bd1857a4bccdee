/** `McpPolicy` as people write it, and the bundle that a sidecar gets (`contracts.md`, Bundles). Unknown fields are refused with their path. */
import * as z from 'zod/mini';
import { maskingSpec } from './masking-spec.ts';

const globs = z.array(z.string().check(z.minLength(1), z.maxLength(256)));

/** One rule. Lists are globs; without `who` it is for everyone, without `what` for every call but the protocol's own plumbing. */
export const policyRule = z.strictObject({
  name: z.string().check(z.regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/)),
  who: z.optional(
    z.strictObject({
      subjects: z.optional(globs),
      groups: z.optional(globs),
      serviceAccounts: z.optional(globs),
      clientIds: z.optional(globs),
    }),
  ),
  what: z.optional(
    z.strictObject({
      methods: z.optional(globs),
      tools: z.optional(globs),
      resources: z.optional(globs),
      prompts: z.optional(globs),
    }),
  ),
  verdict: z.enum(['allow', 'deny', 'approve']),
  /** What the model reads when the rule denies. */
  message: z.optional(z.string().check(z.maxLength(1024))),
});
export type PolicyRule = z.infer<typeof policyRule>;

/** `spec` of an `McpPolicy`. */
export const policySpec = z.strictObject({
  /** Workload names this policy is for; absent: all of the namespace. */
  workloads: z.optional(globs),
  default: z.optional(z.enum(['allow', 'deny'])),
  rules: z.optional(z.array(policyRule).check(z.maxLength(500))),
  masking: z.optional(maskingSpec),
});
export type PolicySpec = z.infer<typeof policySpec>;

/** A rule with the policy that it came from. */
export const bundleRule = z.strictObject({ policy: z.string(), ...policyRule.shape });
export type BundleRule = z.infer<typeof bundleRule>;

/** What a bundle statement carries: one workload's rules, compiled from every policy that is for it. */
export const bundlePayload = z.object({
  v: z.literal(1),
  /** Workload URI. */
  workload: z.string(),
  /** Rises with every change; a lower one is refused. */
  version: z.int(),
  issuedAt: z.string(),
  notAfter: z.string(),
  default: z.enum(['allow', 'deny']),
  rules: z.array(bundleRule),
  masking: maskingSpec,
  /** The least durability of a pod that may serve under this bundle. */
  durabilityFloor: z.enum(['process', 'node', 'archive']),
});
export type BundlePayload = z.infer<typeof bundlePayload>;

/** The call as policy sees it. */
export interface PolicyCall {
  readonly method: string;
  readonly tool?: string;
  readonly resource?: string;
  readonly prompt?: string;
  readonly subject: string;
  readonly subjectType: 'human' | 'workload' | 'ci' | 'anonymous';
  readonly groups: readonly string[];
  readonly clientId?: string;
}

/** Deny beats approve beats allow; `rule` absent: the default decided. */
export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'approve';
  readonly rule?: string;
  readonly policy?: string;
  readonly message?: string;
}
