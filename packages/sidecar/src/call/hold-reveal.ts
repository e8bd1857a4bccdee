/** An approver asks what masking hid in a held call: recorded first, then handed over for that person alone. */
import { revealWaitMs, type ApprovalReveal, type ApprovalView } from '@tachograph/protocol';
import { unmaskedCall } from '../approvals/bind-call.ts';
import { sealReveal } from '../approvals/seal-reveal.ts';
import type { Exchange } from './exchange.ts';
import { revealDraft } from './hold-records.ts';
import type { AskedCall } from './hold.ts';
import type { CallContext } from './ports.ts';
import { durable } from './record.ts';

/** Boxes of one hold, by reveal; `over`: delivered, or not wanted. A reveal is recorded once, however often it is sent. */
export type RevealBoxes = Map<string, { readonly box: string } | 'over'>;

/** Answers every open wish of this approval. */
export async function answerReveals(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { approval, boxes }: { readonly approval: ApprovalView; readonly boxes: RevealBoxes },
): Promise<void> {
  for (const reveal of approval.reveals ?? []) {
    if (!isOpen(context, reveal) || boxes.get(reveal.id) === 'over') continue;
    const box = boxes.get(reveal.id) ?? (await recordedBox(context, exchange, call, { approval, reveal }));
    boxes.set(reveal.id, box);
    if (box === 'over' || call.hold.endedBy !== undefined) continue;
    const sealed = { digest: call.bound.digest, box: box.box };
    if ((await call.approvals.reveal(approval.id, reveal.id, sealed)) !== 'elsewhere') boxes.set(reveal.id, 'over');
  }
}

/** Twice the time, since the controller's clock is another one: it refuses what comes late. */
function isOpen({ clock }: CallContext, { at, sealedAt }: ApprovalReveal): boolean {
  return sealedAt === undefined && Date.parse(at) + 2 * revealWaitMs > clock.nowMs();
}

interface Wish {
  readonly approval: ApprovalView;
  readonly reveal: ApprovalReveal;
}

/** Only what is on record leaves. */
async function recordedBox(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  wish: Wish,
): Promise<{ readonly box: string } | 'over'> {
  const { approval, reveal } = wish;
  const { digest } = call.bound;
  const binding = {
    workload: approval.workload,
    approval: approval.id,
    reveal: reveal.id,
    digest,
    subject: reveal.subject,
  };
  const hidden = unmaskedCall(call.request, call.text);
  const box = hidden === undefined ? undefined : sealReveal(reveal.key, binding, hidden);
  if (box === undefined) {
    context.log.warn('hidden values cannot be sealed', { approval: approval.id });
    return 'over';
  }
  return (await durable(context, [revealDraft(context, exchange, call, wish)])) ? { box } : 'over';
}
