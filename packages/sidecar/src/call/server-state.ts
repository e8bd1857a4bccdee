/** Both ways of a server's own request state: sealed in the answer, opened in the retry (`mcp.md` §4). */
import { jsonMembers, jsonOfMembers, mcpTarget, type JsonRpcMessage, type JsonRpcRequest } from '@tachograph/protocol';
import type { ServerStateBinding } from '../approvals/server-state.ts';
import { textOf } from '../masking/long-bytes.ts';
import type { Exchange, Waiting } from './exchange.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext } from './ports.ts';

/** Methods that a client may be asked to retry. */
const methods: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

interface Answered {
  readonly message: JsonRpcMessage | undefined;
  readonly waiting: Waiting | undefined;
  /** As the client would get it. */
  readonly text: () => string;
}

/** The answer as its client may have it; `undefined`: as it is. The record keeps what the server said. */
export function sealedAnswer(
  context: CallContext,
  exchange: Exchange,
  { message, waiting, text }: Answered,
): string | undefined {
  const state = message?.kind === 'response' ? stateOf(message.result) : undefined;
  if (state === undefined || waiting === undefined || !methods.has(waiting.request.method)) return undefined;
  const binding = bindingOf(context, exchange, waiting.request);
  return withMember(text(), 'result', context.serverStates.seal(binding, state, context.clock.nowMs()));
}

function stateOf({ resultType, requestState }: Readonly<Record<string, unknown>>): string | undefined {
  return resultType === 'input_required' && typeof requestState === 'string' ? requestState : undefined;
}

/** `foreign`: what it carries was given to another caller. `bad`: for another call, by nobody here, or too long ago. */
export type OpenedState =
  | { readonly kind: 'as-it-was' | 'bad' | 'foreign' }
  | { readonly kind: 'opened'; readonly parsed: ParsedMessage };

/** The retry as the server gets it. */
export function withOpenedState(
  context: CallContext,
  exchange: Exchange,
  { message, ...parsed }: ParsedMessage,
): OpenedState {
  if (message.kind !== 'request' || !exchange.modern || !methods.has(message.method)) return { kind: 'as-it-was' };
  const { requestState } = message.params;
  if (requestState === undefined) return { kind: 'as-it-was' };
  if (typeof requestState !== 'string') return { kind: 'bad' };
  const binding = bindingOf(context, exchange, message);
  const opened = context.serverStates.open(binding, requestState, context.clock.nowMs());
  if (opened.kind !== 'opened') return opened;
  const { state } = opened;
  const params = { ...message.params, requestState: state };
  const text = withMember(textOf(parsed.text), 'params', state);
  return { kind: 'opened', parsed: { ...parsed, message: { ...message, params }, text } };
}

/** `requestState` within the named member; every other keeps its text. */
function withMember(text: string, within: 'params' | 'result', state: string): string {
  const members = jsonMembers(text) ?? [];
  return jsonOfMembers(
    members.map((one) => {
      if (one.name !== within) return one;
      const inner = (jsonMembers(one.text) ?? []).map((member) =>
        member.name === 'requestState' ? { ...member, text: JSON.stringify(state) } : member,
      );
      return { ...one, text: jsonOfMembers(inner) };
    }),
  );
}

function bindingOf(
  { workload }: CallContext,
  { principal }: Exchange,
  { method, params }: JsonRpcRequest,
): ServerStateBinding {
  const { tool, prompt, resource } = mcpTarget(method, params);
  const { iss, sub, client_id: clientId } = principal;
  return { workload, method, target: tool ?? prompt ?? resource ?? '', iss, sub, clientId };
}
