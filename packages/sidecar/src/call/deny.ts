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
  if (retryAfterSeconds === undefined) return toolError(request, answerCodes.denied, text);
  if (request.method !== 'tools/call')
    return jsonRpcError(request.id, answerCodes.limited, text, { retryAfterSeconds });
  return errorResult(request, text, { _meta: { [retryAfter]: retryAfterSeconds } });
}

/** A tool's own error, or a JSON-RPC error with this code for what is no tool call. */
export function toolError(request: JsonRpcRequest, code: number, text: string): string {
  return request.method === 'tools/call' ? errorResult(request, text) : jsonRpcError(request.id, code, text);
}

function errorResult({ id }: JsonRpcRequest, text: string, more: Readonly<Record<string, unknown>> = {}): string {
  const result = { content: [{ type: 'text', text }], isError: true, resultType: 'complete', ...more };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

/** The answer to a request that was not denied itself, but came in one batch with one that was. */
export function batchDenial(request: JsonRpcRequest): string {
  return jsonRpcError(request.id, answerCodes.batch, 'not forwarded: another message of the same batch was denied');
}
