/** Handles in requests: what was given to somebody else is answered as if it were not there, and never forwarded. */
import { isJsonObject, jsonRpcError, type Decision, type JsonRpcMessage } from '@tachograph/protocol';
import { isOwnTask } from '../approvals/task-shelf.ts';
import type { Draft, Exchange } from './exchange.ts';
import { answerOurselves } from './own-answers.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { refuse } from './record.ts';

const relatedTask = 'io.modelcontextprotocol/related-task';

/** Whether a message is about a task that was given to somebody else. */
export function namesForeignTask({ taskIds }: CallContext, { principal }: Exchange, message: JsonRpcMessage): boolean {
  if (message.kind === 'response') return false;
  return taskIdsOf(message.method, message.params).some(
    (id) => typeof id === 'string' && !isOwnTask(id) && taskIds.whose(id, principal) === 'foreign',
  );
}

function taskIdsOf(method: string, params: Readonly<Record<string, unknown>>): readonly unknown[] {
  const meta = params['_meta'];
  const related = isJsonObject(meta) ? meta[relatedTask] : undefined;
  const { notifications } = params;
  const listed =
    method === 'subscriptions/listen' && isJsonObject(notifications) ? notifications['taskIds'] : undefined;
  return [
    ...(method.startsWith('tasks/') ? [params['taskId']] : []),
    ...(isJsonObject(related) ? [related['taskId']] : []),
    ...(Array.isArray(listed) ? listed : []),
  ];
}

/**
 * Whether a stream may be taken up after this event. A session that this process has seen being opened was given all its
 * events here: one that nobody was given is then none of it.
 */
export function mayResume({ eventIds, sessions }: CallContext, exchange: Exchange): boolean {
  const { req, identity, principal, mcpSessionId } = exchange;
  const header = req.headers['last-event-id'];
  // Where the sidecar does not find out who calls, the application does.
  if (header === undefined || identity !== 'checked') return true;
  // Node reads headers byte by byte; the stream's ids are UTF-8.
  const whose = eventIds.whose(Buffer.from(String(header), 'latin1').toString(), principal);
  if (whose !== 'unknown') return whose === 'own';
  return mcpSessionId === undefined || !sessions.isIssued(mcpSessionId);
}

export const foreignHandle: Decision = {
  verdict: 'deny',
  rule: 'foreign-handle',
  message: 'what this request names was given to somebody else',
};

interface ForeignBody {
  readonly policy: PolicyInForce;
  readonly messages: readonly JsonRpcMessage[];
  /** Records of the messages. */
  readonly drafts: readonly Draft[];
  readonly batch: boolean;
}

/** 404, as for what there is not: to whom it was given is no one's business. */
export async function answerForeign(
  context: CallContext,
  exchange: Exchange,
  { policy, messages, drafts, batch }: ForeignBody,
): Promise<void> {
  const answers = messages.flatMap((request) =>
    request.kind === 'request' ? [{ request, text: jsonRpcError(request.id, -32602, 'there is no such handle') }] : [],
  );
  if (answers.length === 0) return refuse(context, exchange, 'handle');
  const detail = { reason: 'foreign_handle' };
  return answerOurselves(context, exchange, {
    policy,
    before: drafts,
    answers,
    outcome: 'refused',
    detail,
    batch,
    status: 404,
  });
}
