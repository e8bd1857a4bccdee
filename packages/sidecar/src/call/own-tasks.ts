/** Requests about tasks that the sidecar hosts: answered here, and never seen by the server. */
import {
  isJsonObject,
  jsonMembers,
  jsonOfMembers,
  type Decision,
  type JsonMember,
  type JsonRpcMessage,
  type JsonRpcRequest,
} from '@tachograph/protocol';
import { isOwnTask, type HeldTask } from '../approvals/task-shelf.ts';
import { textOf } from '../masking/long-bytes.ts';
import { callerText, type Draft, type Exchange } from './exchange.ts';
import { answerOurselves } from './own-answers.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { declaresTasks, taskAnswer, taskTaken, undeclaredTasks, unknownTask, unknownTaskMethod } from './task-form.ts';

const rule = 'held-task';

/** Rules of policies are about the server, which this request does not reach. `undefined` for all others. */
export function ownTaskDecision(message: JsonRpcMessage, isAlone: boolean): Decision | undefined {
  if (!isAboutOwnTask(message)) return undefined;
  return isAlone
    ? { verdict: 'allow', rule }
    : { verdict: 'deny', rule, message: 'ask about a task outside of a batch' };
}

export function isAboutOwnTask(message: JsonRpcMessage): message is JsonRpcRequest {
  return message.kind === 'request' && message.method.startsWith('tasks/') && isOwnTask(message.params['taskId']);
}

interface AskedTask {
  readonly policy: PolicyInForce;
  readonly request: JsonRpcRequest;
  /** Records of the request. */
  readonly drafts: readonly Draft[];
  readonly batch: boolean;
}

export async function answerTask(context: CallContext, exchange: Exchange, asked: AskedTask): Promise<void> {
  const { policy, request, drafts: before, batch } = asked;
  const task = context.tasks.find(callerText(exchange.principal), String(request.params['taskId']));
  const [text, status, outcome] = answerOf(context, exchange, request, task);
  await answerOurselves(context, exchange, {
    policy,
    before,
    answers: [{ request, text }],
    outcome,
    detail: { task: task?.state.kind ?? 'unknown' },
    batch,
    status,
  });
  if (request.method === 'tasks/get' && task?.state.kind === 'ended' && outcome === 'answered') task.fetched();
}

type TaskReply = readonly [text: string, status: number, outcome: 'answered' | 'refused'];

function answerOf(
  { clock }: CallContext,
  exchange: Exchange,
  request: JsonRpcRequest,
  task: HeldTask | undefined,
): TaskReply {
  const { modern } = exchange;
  if (modern && !declaresTasks(exchange, request)) return [undeclaredTasks(request), 400, 'refused'];
  if (task === undefined || !modern) return [unknownTask(request), 200, 'refused'];
  switch (request.method) {
    case 'tasks/get':
      task.asked(exchange.req.headers.authorization);
      return [taskAnswer(task, request, clock.nowMs()), 200, 'answered'];
    case 'tasks/cancel':
      task.cancel();
      return [taskTaken(request), 200, 'answered'];
    case 'tasks/update':
      // Nothing has been asked: what comes is no answer to anything.
      return [taskTaken(request), 200, 'answered'];
    default:
      return [unknownTaskMethod(request), 404, 'refused'];
  }
}

/** `subscriptions/listen` without tasks of ours: the server knows none of them. `undefined`: it names none. */
export function withoutOwnTasks({ message, text }: ParsedMessage): ParsedMessage | undefined {
  if (message.kind !== 'request' || message.method !== 'subscriptions/listen') return undefined;
  const { notifications } = message.params;
  const ids = isJsonObject(notifications) ? notifications['taskIds'] : undefined;
  if (!isJsonObject(notifications) || !Array.isArray(ids) || !ids.some(isOwnTask)) return undefined;
  const taskIds = ids.filter((id) => !isOwnTask(id));
  const params = { ...message.params, notifications: { ...notifications, taskIds } };
  const path = ['params', 'notifications', 'taskIds'];
  return { message: { ...message, params }, text: replaced(textOf(text), path, JSON.stringify(taskIds)) };
}

function replaced(text: string, [next, ...rest]: readonly string[], value: string): string {
  if (next === undefined) return value;
  const members = jsonMembers(text) ?? [];
  return jsonOfMembers(
    members.map((one): JsonMember => (one.name === next ? { ...one, text: replaced(one.text, rest, value) } : one)),
  );
}
