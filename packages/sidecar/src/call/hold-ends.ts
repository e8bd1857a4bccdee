/** How a hold ends: run, not run and why, cancelled, or answered without a decision. */
import type { ApprovalView } from '@tachograph/protocol';
import { toolError } from './deny.ts';
import type { Draft, Exchange } from './exchange.ts';
import { decidedDraft } from './hold-records.ts';
import { release } from './hold-release.ts';
import { answerReveals, type RevealBoxes } from './hold-reveal.ts';
import { endedText, resendText, stateText } from './hold-texts.ts';
import type { AskedCall } from './hold.ts';
import { answerOurselves } from './own-answers.ts';
import { endEventStream, isOwnEventStream } from './own-event-stream.ts';
import type { CallContext } from './ports.ts';
import { durable, recordOutcome } from './record.ts';
import { answerCodes } from './refusals.ts';

const pauseMs = 1000;

/** `undefined` when the hold ended first. */
export async function untilDecided(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  id: string,
): Promise<ApprovalView | undefined> {
  const { approvals, hold } = call;
  const boxes: RevealBoxes = new Map();
  while (hold.endedBy === undefined) {
    const startedAt = performance.now();
    const answered = await approvals.wait(id, hold.signal);
    if (hold.endedBy !== undefined) return undefined;
    if (answered.kind === 'approval') {
      const { approval } = answered;
      if (approval.state !== 'pending') return approval;
      await answerReveals(context, exchange, call, { approval, boxes });
    }
    if (performance.now() - startedAt < pauseMs) await pause(context.timers, hold.signal);
  }
  return undefined;
}

async function pause(timers: CallContext['timers'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(pauseMs, done);
    signal.addEventListener('abort', done);
  });
}

/** An approval that is pending no more: the call runs, or its client reads why it does not. */
export async function settled(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  approval: ApprovalView,
): Promise<void> {
  if (approval.state === 'approved') {
    const failed = await release(context, exchange, call, approval);
    return failed === undefined ? undefined : notRun(context, exchange, call, failed);
  }
  return notRun(context, exchange, call, { approval, why: stateText(approval, maskedBy(context, call)) });
}

function maskedBy({ masks }: CallContext, { policy }: AskedCall): (text: string) => string {
  return (text) => masks.short(policy.masker, text);
}

/** `why`: what the client reads after the number of the approval. */
export interface NotRun {
  readonly approval: ApprovalView;
  readonly why: string;
}

async function notRun(context: CallContext, exchange: Exchange, call: AskedCall, failed: NotRun): Promise<void> {
  if (call.hold.endedBy !== undefined) return ended(context, exchange, call, failed.approval);
  const { approval, why } = failed;
  const before = [decidedDraft(context, exchange, call, { approval, runs: false, why })];
  const text = toolError(call.request, answerCodes.denied, endedText(call.decision, approval, why));
  return answerHeld(context, exchange, call, { text, outcome: 'denied', approval, before });
}

/** The hold ended before the approval did. */
export async function ended(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  approval: ApprovalView,
): Promise<void> {
  const { hold, approvals } = call;
  if (hold.endedBy === 'shutdown') {
    const text = toolError(call.request, answerCodes.held, resendText);
    return answerHeld(context, exchange, call, { text, outcome: 'refused', approval });
  }
  hold.leave();
  context.tally.add('hold_cancelled');
  const why = hold.endedBy ?? 'client_left';
  const draft = decidedDraft(context, exchange, call, { approval, runs: false, why });
  await durable(context, [draft]);
  recordOutcome(context, exchange, exchange.modern || why !== 'client_left' ? 'cancelled' : 'disconnected', {
    approval: approval.id,
  });
  closeUnanswered(exchange);
  // Another identical call may still wait for the same approval.
  if (approval.state !== 'consumed' && !context.holds.isAwaited(approval.id)) await approvals.cancel(approval.id);
}

/** A cancelled request gets no answer; its stream ends. */
function closeUnanswered({ res }: Exchange): void {
  if (isOwnEventStream(res)) endEventStream(res);
  else if (!res.headersSent && !res.destroyed) res.writeHead(202).end();
}

export interface HoldAnswer {
  readonly text: string;
  readonly outcome: 'answered' | 'denied' | 'timed_out' | 'refused';
  readonly approval: ApprovalView;
  readonly before?: readonly Draft[];
  /** It is not how the call ends: that comes later, as a record of the same exchange. */
  readonly asTask?: true;
}

const tallied = {
  answered: 'hold_pending',
  timed_out: 'hold_pending',
  refused: 'hold_pending',
  denied: 'denied',
} as const;

/** Answers the call itself; what was recorded of it says how the approval stands. */
export async function answerHeld(
  context: CallContext,
  exchange: Exchange,
  { policy, request, stream }: AskedCall,
  { text, outcome, approval, before = [], asTask }: HoldAnswer,
): Promise<void> {
  stream.stop();
  context.tally.add(tallied[outcome]);
  return answerOurselves(context, exchange, {
    policy,
    before,
    answers: [{ request, text }],
    outcome,
    detail: { approval: approval.id, state: approval.state, ...(asTask === undefined ? {} : { task: 'created' }) },
    batch: false,
  });
}
