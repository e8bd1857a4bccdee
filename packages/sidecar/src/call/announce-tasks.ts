/** Calls that are held may become tasks of the sidecar: clients take those only from servers that announce tasks. */
import {
  isJsonObject,
  jsonMembers,
  jsonOfMembers,
  type JsonRpcMessage,
  type JsonRpcRequest,
} from '@tachograph/protocol';
import type { Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';
import { tasksExtension } from './task-form.ts';

interface Discovered {
  readonly request: JsonRpcRequest | undefined;
  readonly message: JsonRpcMessage;
  /** As the server sent it. */
  readonly text: string;
}

/**
 * The answer to `server/discover` as its client may have it. `client`: as it would get any other; `undefined`: as it is.
 * The record keeps what the server said.
 */
export function announcedTasks<Text>(
  { approvals }: CallContext,
  { modern }: Exchange,
  { request, message, text }: Discovered,
  client: Text | string | undefined,
): Text | string | undefined {
  const isMeant = approvals !== undefined && modern && request?.method === 'server/discover';
  const own = client ?? text;
  if (!isMeant || typeof own !== 'string' || !lacksTasks(message)) return client;
  return withMember(own, ['result', 'capabilities', 'extensions', tasksExtension]);
}

function lacksTasks(message: JsonRpcMessage): boolean {
  const capabilities = message.kind === 'response' ? message.result['capabilities'] : undefined;
  if (!isJsonObject(capabilities)) return false;
  const { extensions = {} } = capabilities;
  return isJsonObject(extensions) && extensions[tasksExtension] === undefined;
}

/** Every other member keeps its text. */
function withMember(text: string, [next = '', ...rest]: readonly string[]): string {
  const inner = (own: string): string => (rest.length === 0 ? '{}' : withMember(own, rest));
  const members = jsonMembers(text) ?? [];
  if (!members.some(({ name }) => name === next)) return jsonOfMembers([...members, { name: next, text: inner('{}') }]);
  return jsonOfMembers(members.map((one) => (one.name === next ? { ...one, text: inner(one.text) } : one)));
}
