/** What a text of JSON is as JSON-RPC, without its bulk. */
import {
  isJsonObject,
  jsonMembers,
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

/**
 * As `summaryOf`, of a text that may be too long to be parsed: an empty array takes 16 times its text. Only the members
 * that are kept are parsed; whether the rest is JSON is for the masker to say.
 */
export function longSummaryOf(text: string): ContentOf {
  const first = /[^ \t\r\n]/.exec(text)?.[0];
  if (first === '[') return { kind: 'content', content: { batch: countElements(text) } };
  if (first !== '{') return summaryOf(text);
  try {
    const members = (jsonMembers(text) ?? []).map(({ name, text: value }) => [name, parseMember(name, value)] as const);
    const { batch, message } = contentOf(Object.fromEntries(members));
    return { kind: 'content', content: message === undefined ? { batch } : { batch, message: summarised(message) } };
  } catch {
    return { kind: 'content', content: undefined };
  }
}

/** Of the other members only scalars count: an id that is none is no id, whatever is in it. */
function parseMember(name: string, text: string): unknown {
  if (name === 'result') return pickParsed(text, [...resultFields, ...listMembers, 'tools']);
  if (name === 'params') return pickParsed(text, callFields);
  if (name === 'error') return pickParsed(text, ['code']);
  return isContainer(text) ? {} : JSON.parse(text);
}

function isContainer(text: string): boolean {
  return text.startsWith('[') || text.startsWith('{');
}

function pickParsed(text: string, kept: readonly string[]): unknown {
  const members = jsonMembers(text);
  if (members === undefined) return isContainer(text) ? [] : JSON.parse(text);
  const picked = members.filter(({ name }) => kept.includes(name));
  return Object.fromEntries(picked.map((one) => [one.name, toKept(one.name, one.text)]));
}

/** Lists are looked for, not into; of tools the schemas are read. */
function toKept(name: string, text: string): unknown {
  return listMembers.includes(name) && text.startsWith('[') ? [] : JSON.parse(text);
}

const structural = /["[\]{},]/g;

/** Elements of an array, without a list of them. At least one: an empty array is no batch that anything follows from. */
function countElements(text: string): number {
  let [depth, count] = [0, 1];
  structural.lastIndex = 0;
  for (let match = structural.exec(text); match !== null; match = structural.exec(text)) {
    const [token] = match;
    if (token === '"') structural.lastIndex = endOfString(text, match.index);
    else if (token === ',') count += depth === 1 ? 1 : 0;
    else depth += token === '[' || token === '{' ? 1 : -1;
  }
  return count;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1;
  while (text[before] === '\\') before -= 1;
  return (quote - before) % 2 === 0;
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
const resultFields = ['isError', 'instructions', 'capabilities', 'resultType', 'requestState', 'task', 'taskId'];
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
  'notifications',
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
  return pick(tool, ['name', 'outputSchema', 'annotations']);
}

function pick(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(object, field)).map((field) => [field, object[field]]),
  );
}
