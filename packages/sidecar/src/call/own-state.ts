/** A retry that carries our own request state (`mcp.md` §4): what of it is for us, and what goes on. */
import { jsonMembers, jsonOfMembers, type JsonMember } from '@tachograph/protocol';
import { isOwnState } from '../approvals/request-state.ts';
import { textOf } from '../masking/long-bytes.ts';
import type { ParsedMessage } from './parse-body.ts';

/** The message without what only the sidecar asked for; `state`: sealed, as it came. */
export interface WithoutState {
  readonly parsed: ParsedMessage;
  readonly state: string | undefined;
}

/** Ours is never for the server, whatever the policy says. Every other member keeps its text. */
export function withoutOwnState(parsed: ParsedMessage): WithoutState {
  const { message, text } = parsed;
  const state = message.kind === 'request' ? message.params['requestState'] : undefined;
  if (message.kind !== 'request' || !isOwnState(state)) return { parsed, state: undefined };
  const { requestState: _state, inputResponses: _responses, ...params } = message.params;
  return { parsed: { message: { ...message, params }, text: withoutMembers(textOf(text)) }, state };
}

function withoutMembers(text: string): string {
  const members = jsonMembers(text) ?? [];
  return jsonOfMembers(members.map((one) => (one.name === 'params' ? withoutOurs(one) : one)));
}

function withoutOurs({ name, text }: JsonMember): JsonMember {
  const rest = (jsonMembers(text) ?? []).filter((one) => one.name !== 'requestState' && one.name !== 'inputResponses');
  return { name, text: jsonOfMembers(rest) };
}
