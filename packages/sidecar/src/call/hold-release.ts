/** From a person's consent to the server: checked again, used once, recorded, and only then run. */
import type { ApprovalView } from '@tachograph/protocol';
import type { Hold } from '../approvals/hold-desk.ts';
import { forward } from './forward.ts';
import type { Exchange } from './exchange.ts';
import { guardFindings } from './guard.ts';
import type { NotRun } from './hold-ends.ts';
import { decidedDraft } from './hold-records.ts';
import type { AskedCall } from './hold.ts';
import { identify } from './identify.ts';
import { verdictOn } from './judge.ts';
import type { CallContext } from './ports.ts';
import { durable } from './record.ts';

/** Forwards the call; otherwise why it did not run. */
export async function release(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  approval: ApprovalView,
): Promise<NotRun | undefined> {
  const changed = await changeSince(context, exchange, call);
  if (changed !== undefined) return { approval, why: changed };
  const { approvals, bound, policy, hold } = call;
  if (hold.endedBy !== undefined) return { approval, why: hold.endedBy };
  const used = await approvals.consume(approval.id, { digest: bound.digest, bundle: policy.content });
  if (used.kind === 'unreachable')
    return { approval, why: 'the controller did not confirm it, so the call was not run; call again' };
  if (used.kind === 'refused') return { approval, why: `${used.message}; the call was not run` };
  if (used.approval.state !== 'consumed') return { approval: used.approval, why: `it is ${used.approval.state}` };
  return run(context, exchange, call, used.approval);
}

/** The grant is used: from here on it runs once or never. */
async function run(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  approval: ApprovalView,
): Promise<NotRun | undefined> {
  const { hold, stream } = call;
  if (hasLeft(hold)) return { approval, why: hold.endedBy ?? '' };
  if (!(await durable(context, [decidedDraft(context, exchange, call, { approval, runs: true })])))
    return { approval, why: 'the decision could not be recorded, so the call was not run' };
  if (hasLeft(hold)) return { approval, why: hold.endedBy ?? '' };
  stream.release();
  hold.leave();
  context.tally.add('released');
  context.tally.add('forwarded');
  forward(context, exchange, { body: call.body });
  return undefined;
}

/** A sidecar that stops still runs what has been paid for. */
function hasLeft({ endedBy }: Hold): boolean {
  return endedBy !== undefined && endedBy !== 'shutdown';
}

/** What has changed while the call waited; `undefined`: nothing that matters. */
async function changeSince(context: CallContext, exchange: Exchange, call: AskedCall): Promise<string | undefined> {
  const { tokens } = context;
  const verdict = await identify(context, exchange);
  const { iss, sub, client_id: clientId } = exchange.principal;
  if (tokens.unavailable() !== undefined || verdict.kind === 'unavailable')
    return 'callers cannot be identified now; call again';
  if (verdict.kind === 'refused')
    return `the caller's token is no longer valid (${verdict.reason}); call again with a new one`;
  const now = verdict.principal;
  if (now.iss !== iss || now.sub !== sub || now.client_id !== clientId) return 'the caller has changed';
  return policyChange(context, exchange, call);
}

async function policyChange(
  context: CallContext,
  exchange: Exchange,
  { policy, request, text, decision }: AskedCall,
): Promise<string | undefined> {
  const now = context.policy.current();
  if (now === undefined) return 'there is no valid policy now';
  if (now.content !== policy.content) return 'the policies have changed since; call again';
  const guards = await guardFindings(context, now, request);
  const judging = { principal: exchange.principal, timeMs: context.clock.nowMs() };
  const verdict = verdictOn(
    context,
    now,
    { message: request, text },
    guards === undefined ? judging : { ...judging, guards },
  );
  if (verdict.verdict === 'allow') return undefined;
  if (verdict.verdict === 'deny') return 'the policy denies the call now';
  const isSame = verdict.rule === decision.rule && verdict.policy === decision.policy;
  return isSame ? undefined : 'another rule asks for approval now; call again';
}
