/** Records of a hold: that it began, who saw what masking hid, and how it ended. */
import { createHash } from 'node:crypto';
import { jsonRpcIdText, type ApprovalReveal, type ApprovalView } from '@tachograph/protocol';
import { baseDraft, toRecordedDecision } from './drafts.ts';
import type { Draft, Exchange } from './exchange.ts';
import type { AskedCall } from './hold.ts';
import type { CallContext } from './ports.ts';

/** How the client is kept: a stream with signs of life, nothing at all, sent back with a state, or a task to ask about. */
export type HoldForm = 'stream' | 'quiet' | 'elicitation' | 'task';

interface Opened {
  readonly approval: ApprovalView;
  readonly form: HoldForm;
}

export function openDraft(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { approval, form }: Opened,
): Draft {
  const { bound } = call;
  const draft = holdDraft(context, exchange, call, 'hold.open');
  draft.detail = {
    approval: approval.id,
    digest: bound.digest,
    form,
    approvers: approval.approvers,
    count: approval.count,
    expires_at: approval.expiresAt,
    masked_values: bound.maskedValues,
    judged_masked: bound.judgedMasked,
  };
  return draft;
}

/** Who gets to see what masking hid, and why. Of the values themselves there is nothing here. */
export function revealDraft(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { approval, reveal }: { readonly approval: ApprovalView; readonly reveal: ApprovalReveal },
): Draft {
  const { masks } = context;
  const { bound, policy } = call;
  const draft = holdDraft(context, exchange, call, 'hold.reveal');
  draft.detail = {
    approval: approval.id,
    digest: bound.digest,
    reveal: reveal.id,
    by: { iss: reveal.iss, subject: masks.short(policy.masker, reveal.subject) },
    reason: masks.short(policy.masker, reveal.reason),
    at: reveal.at,
    key: createHash('sha256').update(Buffer.from(reveal.key, 'base64url')).digest('hex'),
    masked_values: bound.maskedValues,
    judged_masked: bound.judgedMasked,
  };
  return draft;
}

interface Decided {
  readonly approval: ApprovalView;
  readonly runs: boolean;
  /** Why it does not run. */
  readonly why?: string;
}

export function decidedDraft(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { approval, runs, why }: Decided,
): Draft {
  const { masks } = context;
  const { masker } = call.policy;
  const draft = holdDraft(context, exchange, call, 'hold.decision');
  draft.detail = {
    approval: approval.id,
    digest: call.bound.digest,
    state: approval.state,
    runs,
    // People's own words: they may hold anything.
    decisions: approval.decisions.map(({ iss, subject, verdict, reason, at }) => ({
      iss,
      subject: masks.short(masker, subject),
      verdict,
      reason: masks.short(masker, reason),
      at,
    })),
    ...(why === undefined ? {} : { why: masks.short(masker, why) }),
  };
  return draft;
}

function holdDraft(
  { masks }: CallContext,
  exchange: Exchange,
  { policy, request, decision, bound }: AskedCall,
  kind: 'hold.open' | 'hold.reveal' | 'hold.decision',
): Draft {
  const draft = baseDraft(exchange, kind, 'c2s');
  draft.jsonrpc_request_id = masks.id(policy.masker, jsonRpcIdText(request.id));
  draft.mcp_method_name = masks.short(policy.masker, request.method);
  if (request.method === 'tools/call') draft.gen_ai_tool_name = masks.short(policy.masker, bound.target);
  draft.principal = exchange.principal;
  draft.bundle = policy.digest;
  draft.decision = toRecordedDecision(decision);
  return draft;
}
