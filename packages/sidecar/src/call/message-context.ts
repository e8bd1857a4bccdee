/** What the masker may know of a message besides its text. */
import type { MessageContext } from '@tachograph/masking';
import { mcpTarget, type JsonRpcMessage } from '@tachograph/protocol';
import type { Exchange, Waiting } from './exchange.ts';

export function requestContext({ session }: Exchange, message: JsonRpcMessage): MessageContext {
  const tool = message.kind === 'response' ? undefined : mcpTarget(message.method, message.params).tool;
  return { leg: 'request', ...(tool === undefined ? {} : { tool }), ...(session === undefined ? {} : { session }) };
}

/** `waiting`: the request that the message answers. `before`: the tail of what came before it in its stream. */
export function answerContext({ session }: Exchange, waiting: Waiting | undefined, before?: string): MessageContext {
  const tool = waiting === undefined ? undefined : mcpTarget(waiting.request.method, waiting.request.params).tool;
  return {
    leg: 'response',
    ...(tool === undefined ? {} : { tool }),
    ...(session === undefined ? {} : { session }),
    ...(before === undefined ? {} : { before }),
  };
}
