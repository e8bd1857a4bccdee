/** What a text of JSON is as JSON-RPC, without its bulk. */
import {
  isJsonObject,
  parseJsonRpcMessage,
  type JsonObject,
  type JsonRpcMessage,
  type JsonRpcResponse,
} from '@tachograph/protocol';

export interface MessageContent {
  /** One JSON-RPC message; absent for a batch and for anything else. */
  readonly message?: JsonRpcMessage;
  /** Messages of a batch; 0: it is none. */
  readonly batch: number;
}

/** `content` is undefined where the text is no JSON. */
export interface ContentOf {
  readonly kind: 'content';
  readonly content: MessageContent | undefined;
}

export function contentOf(value: unknown): MessageContent {
  if (Array.isArray(value)) return { batch: value.length };
  const message = parseJsonRpcMessage(value);
  return typeof message === 'string' ? { batch: 0 } : { batch: 0, message };
}

/** The same with only those fields that a record is made of: what goes from one thread to another is copied. */
export function summaryOf(text: string): ContentOf {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'content', content: undefined };
  }
  const { batch, message } = contentOf(value);
  return { kind: 'content', content: message === undefined ? { batch } : { batch, message: summarised(message) } };
}

const listMembers = ['prompts', 'resources', 'resourceTemplates'];
const resultFields = ['isError', 'instructions', 'capabilities'];
const callFields = [
  'name',
  'uri',
  'ref',
  '_meta',
  'protocolVersion',
  'clientInfo',
  'taskId',
  'requestId',
  'cursor',
  'requestState',
  'inputResponses',
];

/**
 * A response keeps what its record and later calls need; an array that is only looked for becomes an empty one. A call
 * keeps whom it is for and by whom, and `more` of its parameters.
 */
export function summarised(message: JsonRpcResponse): JsonRpcResponse;
export function summarised(message: JsonRpcMessage, more?: readonly string[]): JsonRpcMessage;
export function summarised(message: JsonRpcMessage, more: readonly string[] = []): JsonRpcMessage {
  if (message.kind !== 'response') return { ...message, params: pick(message.params, [...callFields, ...more]) };
  const { tools } = message.result;
  const others = listMembers.filter((member) => Array.isArray(message.result[member])).map((member) => [member, []]);
  const listed = Array.isArray(tools) ? { tools: tools.filter(isJsonObject).map(toListed) } : {};
  return { ...message, result: { ...pick(message.result, resultFields), ...Object.fromEntries(others), ...listed } };
}

function toListed(tool: JsonObject): JsonObject {
  return pick(tool, ['name', 'outputSchema']);
}

function pick(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(object, field)).map((field) => [field, object[field]]),
  );
}
