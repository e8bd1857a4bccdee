/** Tasks on the wire: extension `io.modelcontextprotocol/tasks` of revision 2026-07-28. */
import {
  isJsonObject,
  jsonMembers,
  jsonOfMembers,
  jsonRpcError,
  jsonRpcIdText,
  type JsonMember,
  type JsonRpcRequest,
} from '@tachograph/protocol';
import type { HeldTask } from '../approvals/task-shelf.ts';
import type { Exchange } from './exchange.ts';

export const tasksExtension = 'io.modelcontextprotocol/tasks';
const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';

/** Whether the client has declared the extension on this very request. */
export function declaresTasks({ modern }: Exchange, { params }: JsonRpcRequest): boolean {
  const meta = params['_meta'];
  const capabilities = isJsonObject(meta) ? meta[capabilitiesKey] : undefined;
  const extensions = isJsonObject(capabilities) ? capabilities['extensions'] : undefined;
  return modern && isJsonObject(extensions) && isJsonObject(extensions[tasksExtension]);
}

/** The request without that: the server must not make a task of its own of a call that is one already. */
export function withoutTaskDeclaration(text: string): string {
  return withoutMember(text, ['params', '_meta', capabilitiesKey, 'extensions'], tasksExtension);
}

/** Every other member keeps its text. */
function withoutMember(text: string, [next, ...rest]: readonly string[], name: string): string {
  const members = jsonMembers(text) ?? [];
  if (next === undefined) return jsonOfMembers(members.filter((one) => one.name !== name));
  return jsonOfMembers(
    members.map((one): JsonMember => (one.name === next ? { ...one, text: withoutMember(one.text, rest, name) } : one)),
  );
}

/** The answer to the call that has become a task. */
export function createdAnswer(task: HeldTask, { id }: JsonRpcRequest, nowMs: number): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'task', ...factsOf(task, nowMs) } });
}

/** The answer to `tasks/get`: result and error as they stood in the call's own answer. */
export function taskAnswer(task: HeldTask, { id }: JsonRpcRequest, nowMs: number): string {
  const facts = Object.entries({ resultType: 'complete', ...factsOf(task, nowMs) });
  const members = facts.map(([name, value]) => ({ name, text: JSON.stringify(value) }));
  const { state } = task;
  if (state.kind === 'ended') members.push({ name: state.member, text: state.text });
  return `{"jsonrpc":"2.0","id":${jsonRpcIdText(id)},"result":${jsonOfMembers(members)}}`;
}

/** The answer to `tasks/update` and `tasks/cancel`. */
export function taskTaken({ id }: JsonRpcRequest): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete' } });
}

export function unknownTask({ id }: JsonRpcRequest): string {
  return jsonRpcError(id, -32602, 'unknown task: call again with identical arguments');
}

export function undeclaredTasks({ id }: JsonRpcRequest): string {
  const requiredCapabilities = { extensions: { [tasksExtension]: {} } };
  return jsonRpcError(id, -32021, 'tasks are only for requests that declare them', { requiredCapabilities });
}

export function unknownTaskMethod({ id, method }: JsonRpcRequest): string {
  return jsonRpcError(id, -32601, `there is no method ${method.slice(0, 64)} for this task`);
}

/** People take their time; a run does not. */
const pollMs = { first: 2_000, later: 5_000, running: 500 } as const;
const firstMs = 60_000;

function factsOf(task: HeldTask, nowMs: number): Readonly<Record<string, unknown>> {
  const { id, state, message, createdMs, updatedMs } = task;
  const isRunning = state.kind === 'approved' || state.kind === 'running';
  const waitMs = nowMs - createdMs < firstMs ? pollMs.first : pollMs.later;
  return {
    taskId: id,
    status: statusOf(task),
    ...(state.kind === 'ended' ? {} : { statusMessage: isRunning ? 'it has been approved, and runs' : message }),
    createdAt: new Date(createdMs).toISOString(),
    lastUpdatedAt: new Date(updatedMs).toISOString(),
    ttlMs: task.ttlMs(),
    pollIntervalMs: isRunning ? pollMs.running : waitMs,
  };
}

function statusOf({ state }: HeldTask): string {
  if (state.kind === 'cancelled') return 'cancelled';
  if (state.kind !== 'ended') return 'working';
  return state.member === 'result' ? 'completed' : 'failed';
}
