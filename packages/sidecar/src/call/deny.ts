/** What a client reads instead of an answer (`mcp.md` §4): a tool error for tool calls, so that the model sees it. */
import { describeDenial } from '@tachograph/policy';
import { jsonRpcError, type Decision, type JsonRpcRequest } from '@tachograph/protocol';
import { answerCodes } from './refusals.ts';

/** For programs: the text says it too. */
const retryAfter = 'dev.tachograph/retryAfterSeconds';

/** The answer to a denied request, sent with HTTP 200. */
export function denial(request: JsonRpcRequest, decision: Decision): string {
  const text = describeDenial(decision);
  const { retryAfterSeconds } = decision;
  if (request.method !== 'tools/call') {
    if (retryAfterSeconds === undefined) return jsonRpcError(request.id, answerCodes.denied, text);
    return jsonRpcError(request.id, answerCodes.limited, text, { retryAfterSeconds });
  }
  const hint = retryAfterSeconds === undefined ? {} : { _meta: { [retryAfter]: retryAfterSeconds } };
  const result = { content: [{ type: 'text', text }], isError: true, resultType: 'complete', ...hint };
  return JSON.stringify({ jsonrpc: '2.0', id: request.id, result });
}

/** The answer to a request that was not denied itself, but came in one batch with one that was. */
export function batchDenial(request: JsonRpcRequest): string {
  return jsonRpcError(request.id, answerCodes.batch, 'not forwarded: another message of the same batch was denied');
}
