/** What MCP adds to JSON-RPC: what a call is aimed at, who calls, and the headers of the stateless era (`mcp.md` §1). */
import { decodeUtf8 } from './json.ts';
import { isJsonObject, toJsonObject, type JsonObject, type JsonRpcMessage } from './jsonrpc.ts';

/** The first revision without sessions, in which headers repeat the body. */
export const modernVersion = '2026-07-28';

/** What a call is aimed at, as policy and the record name it. */
export interface McpTarget {
  readonly tool?: string;
  readonly resource?: string;
  readonly prompt?: string;
}

const noTarget: McpTarget = {};

/** Reads the target from the parameters of a method that has one. */
export function mcpTarget(method: string, params: JsonObject): McpTarget {
  switch (method) {
    case 'tools/call':
      return textField(params, 'name', (tool) => ({ tool }));
    case 'prompts/get':
      return textField(params, 'name', (prompt) => ({ prompt }));
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return textField(params, 'uri', (resource) => ({ resource }));
    case 'completion/complete':
      return completionTarget(toJsonObject(params['ref']));
    default:
      return noTarget;
  }
}

function textField(params: JsonObject, field: string, to: (value: string) => McpTarget): McpTarget {
  const value = params[field];
  return typeof value === 'string' ? to(value) : noTarget;
}

function completionTarget(ref: JsonObject): McpTarget {
  if (ref['type'] === 'ref/prompt') return textField(ref, 'name', (prompt) => ({ prompt }));
  return textField(ref, 'uri', (resource) => ({ resource }));
}

/** The client's own account of itself: a hint, never an identity. */
export interface McpClientInfo {
  readonly name: string;
  readonly version?: string;
}

const metaPrefix = 'io.modelcontextprotocol/';

/** `clientInfo` of `initialize`, or of a stateless request's `_meta`. */
export function mcpClientInfo(message: JsonRpcMessage): McpClientInfo | undefined {
  if (message.kind !== 'request') return undefined;
  const { params } = message;
  const info = message.method === 'initialize' ? params['clientInfo'] : metaOf(params)?.[`${metaPrefix}clientInfo`];
  if (!isJsonObject(info) || typeof info['name'] !== 'string') return undefined;
  const { name, version } = info;
  return typeof version === 'string' ? { name, version } : { name };
}

/** Whether the client said, when it opened its session of 2025-11-25, that it opens pages for its user. */
export function mcpOpensPages(message: JsonRpcMessage): boolean {
  if (message.kind !== 'request' || message.method !== 'initialize') return false;
  const { capabilities, protocolVersion } = message.params;
  const elicitation = isJsonObject(capabilities) ? capabilities['elicitation'] : undefined;
  return protocolVersion === '2025-11-25' && isJsonObject(elicitation) && isJsonObject(elicitation['url']);
}

function metaOf(params: JsonObject): JsonObject | undefined {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta : undefined;
}

/** `_meta.traceparent`: the standard correlator, self-reported. */
export function mcpTraceparent(message: JsonRpcMessage): string | undefined {
  if (message.kind === 'response') return undefined;
  const value = metaOf(message.params)?.['traceparent'];
  return typeof value === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value)
    ? value
    : undefined;
}

/** The revision a message says it speaks. */
export function mcpVersionOf(message: JsonRpcMessage): string | undefined {
  if (message.kind === 'response') return undefined;
  const { params } = message;
  const version =
    message.method === 'initialize' ? params['protocolVersion'] : metaOf(params)?.[`${metaPrefix}protocolVersion`];
  return typeof version === 'string' ? version : undefined;
}

/** Headers as Node gives them: lower-case names. */
export type HeaderLookup = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * From 2026-07-28 on, headers repeat what the body says, and a peer may route by either: they must agree. The answer is
 * the name of the header that does not, `undefined` when all agree or the message is of an earlier revision.
 */
export function headerMismatch(message: JsonRpcMessage, headers: HeaderLookup): string | undefined {
  if (message.kind === 'response') return undefined;
  const header = headers['mcp-protocol-version'];
  const said = message.method === 'initialize' ? undefined : mcpVersionOf(message);
  if (!isModern(header) && !isModern(said)) return undefined;
  if (said !== undefined && header !== said) return 'MCP-Protocol-Version';
  if (headers['mcp-method'] !== message.method) return 'Mcp-Method';
  const name = namedIn(message.method, message.params);
  return name !== undefined && decodeHeader(headers['mcp-name']) !== name ? 'Mcp-Name' : undefined;
}

/** Revisions are dates: text order is time order. */
function isModern(version: unknown): boolean {
  return typeof version === 'string' && /^\d{4}-\d\d-\d\d$/.test(version) && version >= modernVersion;
}

function namedIn(method: string, params: JsonObject): string | undefined {
  const field = nameFields[method];
  const value = field === undefined ? undefined : params[field];
  return typeof value === 'string' ? value : undefined;
}

const nameFields: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  // Of the extension of 2026-07-28; the other methods of earlier tasks are unknown there, and name nothing.
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** Undoes `=?base64?…?=`, the form of values that no header can carry as they are. */
function decodeHeader(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const coded = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(value)?.[1];
  if (coded === undefined) return value;
  try {
    return decodeUtf8(Uint8Array.from(atob(coded), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
