/** Which tasks servers have made, and for whom. */
import { isJsonObject, type JsonRpcResponse } from '@tachograph/protocol';
import type { Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';

/** Remembers to whom a server gave a task: 2025-11-25 has it in a member of its own, 2026-07-28 in the result itself. */
export function noteTask({ taskIds }: CallContext, { principal }: Exchange, { result }: JsonRpcResponse): void {
  const { task, resultType, taskId } = result;
  if (isJsonObject(task) && typeof task['taskId'] === 'string') taskIds.give(task['taskId'], principal);
  if (resultType === 'task' && typeof taskId === 'string') taskIds.give(taskId, principal);
}
