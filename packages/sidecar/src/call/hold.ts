/** Step 6: a call that needs a person waits for one, in the way that its client can stand (`mcp.md` §4). */
import {
  jsonRpcIdText,
  type ApprovalCaller,
  type ApprovalRequest,
  type ApprovalView,
  type Decision,
  type JsonRpcRequest,
} from '@tachograph/protocol';
import { bindCall, type BoundCall } from '../approvals/bind-call.ts';
import type { Hold } from '../approvals/hold-desk.ts';
import type { ArgumentNames } from '../approvals/judged-arguments.ts';
import type { ApprovalAnswer, ApprovalPort } from '../approvals/approval-port.ts';
import { sendRefusal } from './answer.ts';
import { toolError } from './deny.ts';
import type { Copy } from './drafts.ts';
import { callerText, onlyId, type Draft, type Exchange } from './exchange.ts';
import { guardedArguments } from './guard.ts';
import { elicitationAnswer, openedState, pageError } from './hold-elicitation.ts';
import { answerHeld, ended, settled, untilDecided } from './hold-ends.ts';
import { openDraft } from './hold-records.ts';
import { startHoldStream, type HoldStream } from './hold-stream.ts';
import { holdAsTask } from './hold-task.ts';
import { pendingText, unheldText, waitingText } from './hold-texts.ts';
import { answerOurselves } from './own-answers.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { durable } from './record.ts';
import { answerCodes } from './refusals.ts';

/** A call that is held; its request waits in the exchange. */
export interface HeldRequest {
  readonly policy: PolicyInForce;
  readonly decision: Decision;
  readonly request: JsonRpcRequest;
  /** The request's own text as it goes on: without our own request state. */
  readonly text: string;
  readonly copy: Copy;
  /** Our own request state, sealed, that came with it. */
  readonly state: string | undefined;
  /** The exact bytes that run if it is approved. */
  readonly body: Buffer | string;
  /** Records of the request. */
  readonly drafts: readonly Draft[];
}

/** A held call that an approval has been asked for. */
export interface AskedCall extends HeldRequest {
  readonly approvals: ApprovalPort;
  readonly bound: BoundCall;
  readonly hold: Hold;
  readonly stream: HoldStream;
}

/** Takes the exchange to its end: forwarded once, or answered without. */
export async function holdCall(context: CallContext, exchange: Exchange, held: HeldRequest): Promise<void> {
  if (!(await durable(context, held.drafts))) return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  const binding = bind(context, exchange, held);
  if (binding.kind === 'unbound') return unheld(context, exchange, held, binding.reason);
  const hold = context.holds.enter({
    caller: callerText(exchange.principal),
    mcpSessionId: exchange.mcpSessionId,
    idText: jsonRpcIdText(held.request.id),
    bytes: held.body.length,
  });
  if ('refused' in hold) return unheld(context, exchange, held, hold.refused);
  const stream = startHoldStream(context, exchange, held.request);
  const clientLeft = (): void => hold.end('client_left');
  exchange.res.once('close', clientLeft);
  if (exchange.res.destroyed) clientLeft();
  context.tally.add('held');
  try {
    return await ask(context, exchange, { ...held, approvals: binding.approvals, bound: binding.bound, hold, stream });
  } finally {
    exchange.res.off('close', clientLeft);
    stream.stop();
    hold.leave();
  }
}

type Binding =
  | { readonly kind: 'ready'; readonly approvals: ApprovalPort; readonly bound: BoundCall }
  | { readonly kind: 'unbound'; readonly reason: string };

function bind({ approvals, workload }: CallContext, { principal }: Exchange, held: HeldRequest): Binding {
  const key = approvals?.key();
  if (approvals === undefined) return { kind: 'unbound', reason: 'there is no controller to ask' };
  if (key === undefined) return { kind: 'unbound', reason: 'the controller has not given the key for it yet' };
  if (principal.type === 'anonymous') return { kind: 'unbound', reason: 'nobody knows who calls' };
  const { policy, request, text, copy } = held;
  const call = { request, text, maskedText: copy.body, mask: copy.mask, principal };
  const judged = bothNames(policy.judgedArguments, guardedArguments(policy, request));
  const bound = bindCall(call, { workload, bundle: policy.content, key, judged });
  return bound.kind === 'bound' ? { kind: 'ready', approvals, bound } : bound;
}

function bothNames(some: ArgumentNames, others: ArgumentNames): ArgumentNames {
  return some === 'all' || others === 'all' ? 'all' : new Set([...some, ...others]);
}

async function ask(context: CallContext, exchange: Exchange, call: AskedCall): Promise<void> {
  const asked = await requested(call.approvals, requestOf(context, exchange, call));
  if (asked.kind !== 'approval') return unheld(context, exchange, call, refusalText(asked));
  const { approval } = asked;
  call.hold.approval = approval.id;
  if (call.hold.endedBy !== undefined) return ended(context, exchange, call, approval);
  if (approval.state !== 'pending') return settled(context, exchange, call, approval);
  return keep(context, exchange, call, approval);
}

/** The approval is pending: its client is kept in the form that it can stand. */
async function keep(context: CallContext, exchange: Exchange, call: AskedCall, approval: ApprovalView): Promise<void> {
  const state = openedState(context, exchange, call, approval);
  const asTask = state === undefined ? holdAsTask(context, exchange, call, approval) : undefined;
  if (asTask !== undefined) return asTask;
  const elicited = state === undefined ? elicitationAnswer(context, exchange, call, { approval, round: 0 }) : undefined;
  const form = elicited === undefined ? (exchange.answeredElsewhere ? 'quiet' : 'stream') : 'elicitation';
  const opened = openDraft(context, exchange, call, { approval, form });
  if (elicited !== undefined) {
    return answerHeld(context, exchange, call, { text: elicited, outcome: 'answered', approval, before: [opened] });
  }
  if (!(await durable(context, [opened]))) return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  call.stream.say(waitingText(call.decision, approval));
  return wait(context, exchange, call, { approval, round: state?.round });
}

/** The same call may be asked about by another rule than before: then what others agreed to is no answer. */
async function requested(approvals: ApprovalPort, request: ApprovalRequest): Promise<ApprovalAnswer> {
  const asked = await approvals.request(request);
  if (asked.kind !== 'approval' || questionText(asked.approval) === questionText(request)) return asked;
  await approvals.cancel(asked.approval.id);
  return approvals.request(request);
}

function questionText({
  rule,
  policy,
  count,
  approvers,
}: Pick<ApprovalRequest, 'rule' | 'policy' | 'count' | 'approvers'>): string {
  return JSON.stringify([rule ?? null, policy ?? null, count, approvers.subjects, approvers.groups]);
}

function requestOf(
  { clock, masks }: CallContext,
  exchange: Exchange,
  { policy, decision, request, bound }: AskedCall,
): ApprovalRequest {
  const { subjects = [], groups = [], count = 1, withinSeconds = 3600 } = decision.approve ?? {};
  return {
    digest: bound.digest,
    caller: callerOf(exchange),
    ...(exchange.session === undefined ? {} : { session: exchange.session }),
    method: request.method,
    tool: masks.short(policy.masker, bound.target),
    arguments: bound.shown,
    maskedValues: bound.maskedValues,
    judgedMasked: bound.judgedMasked,
    ...(decision.rule === undefined ? {} : { rule: decision.rule }),
    ...(decision.policy === undefined ? {} : { policy: decision.policy }),
    bundle: policy.content,
    approvers: { subjects: [...subjects], groups: [...groups] },
    count,
    expiresAt: new Date(clock.nowMs() + withinSeconds * 1000).toISOString(),
  };
}

function callerOf({ principal, names }: Exchange): ApprovalCaller {
  const { iss, sub, type, client_id: clientId } = principal;
  if (type === 'anonymous') throw new Error('a caller that nobody knows cannot be asked for');
  return {
    iss,
    sub,
    type,
    ...(clientId === undefined ? {} : { clientId }),
    ...(names.length === 0 ? {} : { names: [...names] }),
  };
}

function refusalText(asked: Exclude<ApprovalAnswer, { kind: 'approval' }>): string {
  if (asked.kind === 'unreachable') return 'the controller cannot be asked now';
  return `the controller refuses it: ${asked.message}`;
}

interface Waiting {
  readonly approval: ApprovalView;
  /** How often this client has been sent back; `undefined`: it is waited for in one piece. */
  readonly round: number | undefined;
}

/** A client that has come back often enough gets the fallback. */
const mostRounds = 8;

async function wait(context: CallContext, exchange: Exchange, call: AskedCall, waiting: Waiting): Promise<void> {
  const { hold } = call;
  const passedMs = (context.clock.monotonicNs() - exchange.startedNs) / 1e6;
  const stopClock = context.timers.after(Math.max(0, patienceMs(context, exchange) - passedMs), () => hold.end('time'));
  const decided = await untilDecided(context, exchange, call, waiting.approval.id);
  stopClock();
  if (decided !== undefined) return settled(context, exchange, call, decided);
  if (hold.endedBy !== 'time') return ended(context, exchange, call, waiting.approval);
  return sendBack(context, exchange, call, waiting);
}

/** What the client waits for at most; only clients that are known to count from the last sign of life wait longer. */
function patienceMs({ settings, sessions }: CallContext, exchange: Exchange): number {
  const name = sessions.client(exchange, undefined)?.name ?? '';
  return settings.hold.patientClients.has(name) ? settings.hold.patientMs : settings.hold.answerMs;
}

/** Nobody has decided, and the client would give up: it comes back by itself, or is told to. */
async function sendBack(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { approval, round }: Waiting,
): Promise<void> {
  const again =
    round === undefined || round >= mostRounds
      ? undefined
      : elicitationAnswer(context, exchange, call, { approval, round: round + 1 });
  const text =
    again ??
    pageError(context, exchange, call, approval) ??
    toolError(call.request, answerCodes.held, pendingText(call.decision, approval));
  return answerHeld(context, exchange, call, {
    text,
    outcome: again === undefined ? 'timed_out' : 'answered',
    approval,
  });
}

async function unheld(context: CallContext, exchange: Exchange, held: HeldRequest, why: string): Promise<void> {
  context.tally.add('denied');
  const text = toolError(held.request, answerCodes.denied, unheldText(held.decision, why));
  return answerOurselves(context, exchange, {
    policy: held.policy,
    before: [],
    answers: [{ request: held.request, text }],
    outcome: 'denied',
    detail: { unheld: why },
    batch: false,
  });
}
