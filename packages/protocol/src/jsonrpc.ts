/** JSON-RPC 2.0 messages as MCP uses them. */

/** A request's id; numbers are safe integers. `7` and `"7"` are two ids. */
export type JsonRpcId = string | number;

/** A parsed JSON object, its values not looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A call that expects an answer. `params` is empty where it was absent or an array: MCP has named ones only. */
export interface JsonRpcRequest {
  readonly kind: 'request';
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params: JsonObject;
}

/** A call without an id, never answered. `params` as in a request. */
export interface JsonRpcNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
}

/** `id` is null where the peer could not read the request's. */
export interface JsonRpcResponse {
  readonly kind: 'response';
  readonly id: JsonRpcId | null;
  readonly result: JsonObject;
  /** Present for an error: its code, `undefined` where the peer gave none. */
  readonly error?: { readonly code: number | undefined };
}

/** Any single message, by `kind`. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse;

/** What a body holds. `batch` is true for an array, also for one of a single message. */
export type JsonRpcBody =
  | { readonly kind: 'messages'; readonly messages: readonly JsonRpcMessage[]; readonly batch: boolean }
  /** JSON, but not JSON-RPC. */
  | { readonly kind: 'other' }
  | { readonly kind: 'refused'; readonly reason: JsonRpcRefusal };

/** Why a message is none (JSON-RPC 2.0, sections 4 to 6; ids as in `isJsonRpcId`). */
export type JsonRpcRefusal = 'version' | 'id' | 'method' | 'params' | 'ambiguous' | 'empty_batch';

/** What a client reads when its message was refused. */
export const jsonRpcRefusalText: Readonly<Record<JsonRpcRefusal, string>> = {
  version: 'jsonrpc must be "2.0"',
  id: 'id must be a string or a safe integer',
  method: 'method must be a string',
  params: 'params must be an object or an array',
  ambiguous: 'a message is either a request or a response, not both',
  empty_batch: 'a batch must hold at least one message',
};

const none: JsonObject = {};

/** Whether the value is a JSON object (arrays are not). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; empty when it is none. */
export function toJsonObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : none;
}

/**
 * What a client's body says. A body is JSON-RPC as soon as one object in it has a `jsonrpc` key in any letter case
 * (some readers ignore case); what is then no exact message is refused, never passed on as something else.
 */
export function parseJsonRpcBody(value: unknown): JsonRpcBody {
  const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!elements.some(claimsJsonRpc)) return { kind: 'other' };
  const messages: JsonRpcMessage[] = [];
  for (const element of elements) {
    const message = parseJsonRpcMessage(element);
    if (typeof message === 'string') return { kind: 'refused', reason: message };
    messages.push(message);
  }
  return { kind: 'messages', messages, batch: Array.isArray(value) };
}

function claimsJsonRpc(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return Object.hasOwn(value, 'jsonrpc') || Object.keys(value).some((key) => key.toLowerCase() === 'jsonrpc');
}

/** One message, or why it is none. */
export function parseJsonRpcMessage(value: unknown): JsonRpcMessage | JsonRpcRefusal {
  if (!isJsonObject(value) || value['jsonrpc'] !== '2.0') return 'version';
  const answers = Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error');
  if (answers) return Object.hasOwn(value, 'method') ? 'ambiguous' : toResponse(value);
  return toCall(value);
}

function toResponse(value: JsonObject): JsonRpcResponse | JsonRpcRefusal {
  const id = value['id'] ?? null;
  if (id !== null && !isJsonRpcId(id)) return 'id';
  if (Object.hasOwn(value, 'result') && Object.hasOwn(value, 'error')) return 'ambiguous';
  const result = toJsonObject(value['result']);
  if (!Object.hasOwn(value, 'error')) return { kind: 'response', id, result };
  const { code } = toJsonObject(value['error']);
  return { kind: 'response', id, result, error: { code: typeof code === 'number' ? code : undefined } };
}

function toCall(value: JsonObject): JsonRpcRequest | JsonRpcNotification | JsonRpcRefusal {
  const { id, method, params } = value;
  if (typeof method !== 'string') return 'method';
  if (params !== undefined && (typeof params !== 'object' || params === null)) return 'params';
  if (!Object.hasOwn(value, 'id')) return { kind: 'notification', method, params: toJsonObject(params) };
  if (!isJsonRpcId(id)) return 'id';
  return { kind: 'request', id, method, params: toJsonObject(params) };
}

/** Strings and safe integers: nothing else keeps its meaning through every reader (`mcp.md` §6). */
export function isJsonRpcId(value: unknown): value is JsonRpcId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

/** The id's JSON text: `7` and `"7"` differ. */
export function jsonRpcIdText(id: JsonRpcId): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id);
}

/** An error answer. `code` is positive for our own refusals: -32768…-32000 is reserved. */
export function jsonRpcError(id: JsonRpcId | null, code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } });
}
