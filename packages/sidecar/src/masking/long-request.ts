/** What a long request says, without its bulk: parsed in the masking thread, strictly as the short ones are. */
import {
  isJsonObject,
  jsonMembers,
  jsonRefusalText,
  jsonRpcRefusalText,
  parseExactJson,
  parseJsonRpcBody,
  parseStrictJson,
  type JsonMember,
  type JsonRpcMessage,
} from '@tachograph/protocol';
import type { ArgumentNames } from '../approvals/judged-arguments.ts';
import { holdsMoreThan, maxExactValues } from '../call/judge.ts';
import type { RequestWants } from './mask-job.ts';
import { summarised } from './message-content.ts';

/** `content` mirrors what `parseBody` says of short ones. `batch`: to be read on the call's thread. */
export type LongRequest = { readonly kind: 'request' } & (
  | { readonly content: 'message'; readonly message: JsonRpcMessage; readonly judged: JudgedArguments | undefined }
  | { readonly content: 'batch' | 'other' }
  | { readonly content: 'refused'; readonly reason: 'json' | 'jsonrpc'; readonly detail: string }
);

/** The arguments that conditions read, with exact integers; `too-many`: more values than conditions may read. */
export type JudgedArguments = { readonly kind: 'read'; readonly value: unknown } | { readonly kind: 'too-many' };

export function readLongRequest(bytes: Uint8Array, wants: RequestWants): LongRequest {
  const kind = 'request';
  const json = parseStrictJson(bytes);
  if (json.kind === 'refused')
    return { kind, content: 'refused', reason: 'json', detail: jsonRefusalText[json.reason] };
  const body = parseJsonRpcBody(json.value);
  if (body.kind === 'other') return { kind, content: 'other' };
  if (body.kind === 'refused')
    return { kind, content: 'refused', reason: 'jsonrpc', detail: jsonRpcRefusalText[body.reason] };
  const [message] = body.messages;
  if (body.batch || message === undefined) return { kind, content: 'batch' };
  const judged = readsNone(wants.judged) ? undefined : judgedArguments(message, json.text, wants.judged);
  return { kind, content: 'message', message: summarised(message, wants.isGuarded ? ['arguments'] : []), judged };
}

function readsNone(names: ArgumentNames): boolean {
  return names !== 'all' && names.size === 0;
}

function judgedArguments(message: JsonRpcMessage, text: string, names: ArgumentNames): JudgedArguments {
  const args = message.kind === 'response' ? undefined : message.params['arguments'];
  const read = isJsonObject(args) && names !== 'all' ? [...names].map((name) => args[name]) : args;
  return holdsMoreThan(maxExactValues, read)
    ? { kind: 'too-many' }
    : { kind: 'read', value: exactArguments(text, names) };
}

function exactArguments(text: string, names: ArgumentNames): unknown {
  const params = memberOf(text, 'params');
  const found = params === undefined ? undefined : memberOf(params.text, 'arguments');
  if (found === undefined) return undefined;
  const members = names === 'all' ? undefined : jsonMembers(found.text);
  if (members === undefined || names === 'all') return parseExactJson(found.text);
  const read = members.filter(({ name }) => names.has(name));
  return Object.fromEntries(read.map((one) => [one.name, parseExactJson(one.text)]));
}

function memberOf(text: string, name: string): JsonMember | undefined {
  return jsonMembers(text)?.find((member) => member.name === name);
}
