/** What the masker may know of a message besides its text. */
import type { MessageContext } from '@tachograph/masking';
import { mcpTarget, type JsonRpcMessage } from '@tachograph/protocol';
import type { Exchange, Waiting } from './exchange.ts';
import type { OutputSchemas } from './output-schemas.ts';

export function requestContext({ session }: Exchange, message: JsonRpcMessage): MessageContext {
  const tool = message.kind === 'response' ? undefined : mcpTarget(message.method, message.params).tool;
  return { leg: 'request', ...(tool === undefined ? {} : { tool }), ...(session === undefined ? {} : { session }) };
}

/** `waiting`: the request that the message answers. `exchange.tail`: the end of what came before it in its stream. */
export function answerContext(
  schemas: OutputSchemas,
  { session, tail }: Exchange,
  waiting: Waiting | undefined,
): MessageContext {
  const tool = waiting === undefined ? undefined : mcpTarget(waiting.request.method, waiting.request.params).tool;
  const outputSchema = tool === undefined ? undefined : schemas.of(session, tool);
  return {
    leg: 'response',
    ...(tool === undefined ? {} : { tool }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(session === undefined ? {} : { session }),
    ...(tail === undefined ? {} : { before: tail }),
  };
}
