/** Held calls: what a sidecar asks, what people decide, and the text that binds the two to one exact call (`mcp.md` §4). */
import * as z from 'zod/mini';
import { canonicalJson } from './canonical-json.ts';
import type { BundlePayload } from './policy-spec.ts';
import { approvalReveal, maxReveals } from './reveal.ts';

const name = z.string().check(z.minLength(1), z.maxLength(512));
const hex64 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const names = z.array(name).check(z.maxLength(64));

/** Longest masked arguments that can be shown to an approver, in characters; a call with longer ones cannot be approved. */
export const maxApprovalArguments = 128 * 1024;

/** Header of the answer to `GET /v1/bundle`: base64 of the workload's key for approval digests; kept in memory only. */
export const approvalKeyHeader = 'Tacho-Approval-Key';

/** Where a held call stands. `approved` waits to be used once; the last four are ends. */
export const approvalStates = ['pending', 'approved', 'denied', 'expired', 'cancelled', 'consumed'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** Audience of a person's token for the controller: `tachograph://<cluster>/controller`. No workload has this URI. */
export function approverAudience(cluster: string): string {
  return `tachograph://${cluster}/controller`;
}

/** Who called. `names`: further claims of the caller's token that say who the person is (`email`, `preferred_username`). */
export const approvalCaller = z.object({
  iss: name,
  sub: name,
  type: z.enum(['human', 'workload', 'ci']),
  clientId: z.optional(name),
  names: z.optional(z.array(name).check(z.maxLength(8))),
});
export type ApprovalCaller = z.infer<typeof approvalCaller>;

/** Globs over a person's `sub` and groups; with both lists empty, anybody but the caller. */
export const approvers = z.object({ subjects: names, groups: names });
export type Approvers = z.infer<typeof approvers>;

const call = {
  /** Hex HMAC-SHA-256 of `approvalDigestText`. */
  digest: hex64,
  caller: approvalCaller,
  session: z.optional(name),
  method: name,
  /** Name of the tool or prompt, or URI of the resource, masked. */
  tool: name,
  /** Masked JSON text of the arguments that will run. */
  arguments: z.string().check(z.maxLength(maxApprovalArguments)),
  /** How many values masking hid in them. */
  maskedValues: z.int().check(z.gte(0)),
  /** A rule or guard judged an argument in which masking hid something: who approves must have seen it (`reveals`). */
  judgedMasked: z.boolean(),
  rule: z.optional(name),
  policy: z.optional(name),
  /** Hex SHA-256 of `bundleContentText`: the policy version that the approval is for. */
  bundle: hex64,
  approvers,
  /** How many different people must approve. */
  count: z.int().check(z.gte(1), z.lte(10)),
  /** RFC 3339. The controller shortens what lies further than a day ahead. */
  expiresAt: z.iso.datetime(),
};

/** `POST /v1/approvals`. The workload is the token's, never the body's. */
export const approvalRequest = z.object(call);
export type ApprovalRequest = z.infer<typeof approvalRequest>;

/** What one person decided. `names`: as of the caller; two decisions that share one are one person's. */
export const approvalDecision = z.object({
  iss: z.string(),
  subject: z.string(),
  names: z.optional(z.array(z.string())),
  verdict: z.enum(['approve', 'deny']),
  reason: z.string(),
  at: z.string(),
});
export type ApprovalDecision = z.infer<typeof approvalDecision>;

/** Why an approval ended: `policy_changed` voids one that was asked under another bundle. */
export const approvalEnds = ['denied', 'expired', 'client_gone', 'policy_changed', 'consumed'] as const;

const kept = {
  ...call,
  id: z.string(),
  state: z.enum(approvalStates),
  /** Workload URI. */
  workload: z.string(),
  namespace: z.string(),
  createdAt: z.string(),
  decisions: z.array(approvalDecision),
  /** Who asked to see what masking hid, oldest first. */
  reveals: z.optional(z.array(approvalReveal).check(z.maxLength(maxReveals))),
  /** Present once the state is an end. */
  ended: z.optional(z.object({ reason: z.enum(approvalEnds), at: z.string() })),
};

/** An approval as the controller keeps it. */
export const approval = z.object(kept);
export type HeldApproval = z.infer<typeof approval>;

/** `GET /v1/approvals/<id>`, and every other answer about one. `url`: the page for people. */
export const approvalView = z.object({ ...kept, url: z.string() });
export type ApprovalView = z.infer<typeof approvalView>;

/** `GET /v1/approvals`: newest first. */
export const approvalList = z.object({ approvals: z.array(approvalView) });
export type ApprovalList = z.infer<typeof approvalList>;

/** `POST /v1/approvals/<id>/consume`: what is about to run, and the policy in force now. */
export const consumeRequest = z.object({ digest: hex64, bundle: hex64 });
export type ConsumeRequest = z.infer<typeof consumeRequest>;

/** `POST /v1/approvals/<id>/decision`. */
export const decisionRequest = z.object({
  verdict: z.enum(['approve', 'deny']),
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(1024)),
});
export type DecisionRequest = z.infer<typeof decisionRequest>;

/** What an approval is bound to. `argumentsText`: the exact JSON text that will run, unmasked. */
export interface BoundCall {
  readonly workload: string;
  readonly caller: { readonly iss: string; readonly sub: string; readonly clientId?: string | undefined };
  readonly method: string;
  /** Unmasked. */
  readonly tool: string;
  readonly argumentsText: string;
  /** Hex SHA-256 of `bundleContentText`. */
  readonly bundle: string;
}

/** The text under the approval digest; `undefined` when the arguments are no strict JSON. */
export function approvalDigestText(bound: BoundCall): string | undefined {
  const args = canonicalJson(bound.argumentsText);
  if (args === undefined) return undefined;
  const { bundle, method, tool, workload } = bound;
  const { clientId, iss, sub } = bound.caller;
  // In the order that canonical JSON has; texts need no other care.
  const rest = JSON.stringify({ bundle, caller: { clientId, iss, sub }, method, tool, workload });
  return `tachograph/approval/v1\n{"arguments":${args},${rest.slice(1)}`;
}

/** The digest of a call. `hmacHex`: HMAC-SHA-256 under the workload's approval key. `undefined` as for `approvalDigestText`. */
export function approvalDigest(bound: BoundCall, hmacHex: (text: string) => string): string | undefined {
  const text = approvalDigestText(bound);
  return text === undefined ? undefined : hmacHex(text);
}

/**
 * What makes a policy version: what people wrote. Not times and version, since a bundle is signed again every 20 minutes;
 * not the pins of the tool ledger, which grow with every tool that is seen for the first time.
 */
export function bundleContentText(payload: BundlePayload): string {
  const { issuedAt: _issued, notAfter: _notAfter, version: _version, ledger, ...content } = payload;
  return canonicalJson(JSON.stringify({ ...content, onDrift: ledger?.onDrift })) ?? '';
}
