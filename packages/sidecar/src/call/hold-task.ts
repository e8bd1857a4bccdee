/** A held call as a task that the sidecar hosts: answered at once, and asked about until it has been decided and has run. */
import { isJsonObject, jsonMembers, jsonRpcIdText, type ApprovalView } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import type { HeldTask, TaskEnd } from '../approvals/task-shelf.ts';
import { sendRefusal } from './answer.ts';
import { outcomeDraft } from './drafts.ts';
import { callerText, onlyId, type Exchange } from './exchange.ts';
import { answerHeld, settled, untilDecided } from './hold-ends.ts';
import { decidedDraft, openDraft } from './hold-records.ts';
import type { HoldStream } from './hold-stream.ts';
import { waitingText } from './hold-texts.ts';
import type { AskedCall } from './hold.ts';
import { callInside } from './inner-exchange.ts';
import type { CallContext } from './ports.ts';
import { durable } from './record.ts';
import { refusals } from './refusals.ts';
import { createdAnswer, declaresTasks, withoutTaskDeclaration } from './task-form.ts';

/** Nobody is kept waiting on a connection. */
const noStream: HoldStream = { say: () => undefined, stop: () => undefined, release: () => undefined };

/** `undefined` where the client has not declared on this request that it takes tasks, or there is no room for another. */
export function holdAsTask(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  approval: ApprovalView,
): Promise<void> | undefined {
  const { request } = call;
  if (request.method !== 'tools/call' || !declaresTasks(exchange, request)) return undefined;
  const task = context.tasks.open(callerText(exchange.principal));
  if (task === undefined) return undefined;
  return host(context, exchange, call, { task, approval });
}

async function host(context: CallContext, exchange: Exchange, call: AskedCall, followed: Followed): Promise<void> {
  const { task, approval } = followed;
  task.message = waitingText(call.decision, approval);
  const hold = movedHold(context, exchange, call, task);
  hold.approval = approval.id;
  task.onGone = (why) => hold.end(why === 'cancelled' ? 'cancelled' : 'time');
  cancelUntold(exchange, task);
  if (!(await durable(context, [openDraft(context, exchange, call, { approval, form: 'task' })]))) {
    hold.leave();
    task.forget();
    return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  }
  const text = createdAnswer(task, call.request, context.clock.nowMs());
  await answerHeld(context, exchange, call, { text, outcome: 'answered', approval, asTask: true });
  const hosted = { ...call, body: withoutTaskDeclaration(call.text), hold, stream: noStream };
  follow(context, exchange, hosted, followed).catch((error: unknown) => {
    context.log.error('task lost', { exchange: exchange.number, err: describeError(error) });
    task.become(failure('the call could not be followed to its end'));
  });
}

/** A client that left before it was told of its task can never ask about it. */
function cancelUntold({ res }: Exchange, task: HeldTask): void {
  res.once('close', () => {
    if (!res.writableFinished) task.cancel();
  });
  if (res.destroyed) task.cancel();
}

/** From now on nothing that happens to the connection, and no cancellation of its request, ends the hold. */
function movedHold(context: CallContext, { principal }: Exchange, call: AskedCall, task: HeldTask): AskedCall['hold'] {
  call.hold.leave();
  const bytes = call.body.length;
  const hold = context.holds.enter({ caller: callerText(principal), mcpSessionId: undefined, idText: task.id, bytes });
  if ('refused' in hold) throw new Error('the place that was just left is taken');
  return hold;
}

interface Followed {
  readonly task: HeldTask;
  readonly approval: ApprovalView;
}

async function follow(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { task, approval }: Followed,
): Promise<void> {
  try {
    const decided = await untilDecided(context, exchange, call, approval.id);
    if (decided === undefined) return await dropped(context, exchange, call, { task, approval });
    if (decided.state !== 'approved') return await finish(context, exchange, call, { task, approval: decided });
    task.become({ kind: 'approved' });
    const authorization = await Promise.race([task.nextAsked(), untilEnded(call)]);
    if (authorization === ended) return await dropped(context, exchange, call, { task, approval: decided });
    return await finish(context, exchange, call, { task, approval: decided, authorization });
  } finally {
    call.hold.leave();
    // Kept for long: the call must not be kept with it.
    task.onGone = () => undefined;
  }
}

const ended = Symbol('the hold has ended');

async function untilEnded({ hold: { signal } }: AskedCall): Promise<typeof ended> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(ended);
    return signal.addEventListener('abort', () => resolve(ended), { once: true });
  });
}

/** It runs, or its client gets to read why it does not. */
async function finish(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { task, approval, authorization }: Followed & { readonly authorization?: string | undefined },
): Promise<void> {
  const leaving = new AbortController();
  task.onGone = (why) => {
    call.hold.end(why === 'cancelled' ? 'cancelled' : 'time');
    leaving.abort();
  };
  if (approval.state === 'approved') task.become({ kind: 'running' });
  const idText = jsonRpcIdText(call.request.id);
  const { answer, status } = await callInside(exchange, {
    authorization,
    signal: leaving.signal,
    maxBytes: context.settings.maxBodyBytes,
    take: async (inner) => settled(context, inner, call, approval),
    read: (message) => endOf(message, idText),
  });
  const said = status === undefined ? 'nothing' : `HTTP status ${status}`;
  const lost = failure(`what became of the call is unknown: the MCP server answered with ${said}`);
  task.become(answer === undefined ? lost : { kind: 'ended', ...answer });
}

function endOf(message: string, idText: string): TaskEnd | undefined {
  if (!isObject(message)) return undefined;
  const members = jsonMembers(message) ?? [];
  const find = (name: string): string | undefined => members.find((one) => one.name === name)?.text.trim();
  const [id, result, error] = [find('id'), find('result'), find('error')];
  if (id !== idText && !(id === 'null' && error !== undefined)) return undefined;
  if (error !== undefined) return { member: 'error', text: error };
  return result?.startsWith('{') === true ? { member: 'result', text: result } : undefined;
}

function isObject(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}

function failure(message: string): { readonly kind: 'ended' } & TaskEnd {
  return { kind: 'ended', member: 'error', text: JSON.stringify({ code: refusals.upstream.code, message }) };
}

/** Cancelled, forgotten, or the sidecar stops: it never runs. */
async function dropped(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { task, approval }: Followed,
): Promise<void> {
  const { hold, approvals } = call;
  const why = hold.endedBy ?? 'cancelled';
  hold.leave();
  const outcome = why === 'shutdown' ? 'refused' : why === 'time' ? 'timed_out' : 'cancelled';
  const end = outcomeDraft(context, exchange, outcome, { approval: approval.id });
  if (why === 'shutdown') task.forget();
  else context.tally.add('hold_cancelled');
  await durable(context, [decidedDraft(context, exchange, call, { approval, runs: false, why }), end]);
  if (why === 'cancelled' && !context.holds.isAwaited(approval.id)) await approvals.cancel(approval.id);
  return undefined;
}
