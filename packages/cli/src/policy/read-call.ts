/** Calls and callers as `tacho policy test` gets them. */
import { isJsonObject, mcpTarget, parseExactJson, type PolicyCall, type PolicyCaller } from '@tachograph/protocol';
import { CliError } from '../cli-error.ts';

/** What is called, and with what. */
export interface CallFacts {
  readonly method: string;
  readonly target: Pick<PolicyCall, 'tool' | 'resource' | 'prompt'>;
  /** Integers as `bigint`. */
  readonly args: unknown;
}

const callFields: ReadonlySet<string> = new Set(['tool', 'arguments']);

/** A JSON-RPC request (`{"method", "params"}`), or `{"tool", "arguments"}`. Throws `usage`. */
export function parseCall(text: string): CallFacts {
  const value = parseJson(text, 'the call');
  if (typeof value['method'] === 'string') {
    const params = isJsonObject(value['params']) ? value['params'] : {};
    return { method: value['method'], target: mcpTarget(value['method'], params), args: params['arguments'] };
  }
  const unknown = Object.keys(value).find((key) => !callFields.has(key));
  if (typeof value['tool'] !== 'string' || unknown !== undefined) {
    const got = unknown === undefined ? '' : `, got ${unknown}`;
    throw new CliError('usage', `expected a call as {"method", "params"} or {"tool", "arguments"}${got}`);
  }
  return { method: 'tools/call', target: { tool: value['tool'] }, args: value['arguments'] };
}

const types = ['human', 'workload', 'ci', 'anonymous'] as const;
const callerFields: ReadonlySet<string> = new Set(['name', 'subject', 'type', 'groups', 'clientId', 'issuer']);

/** `{"subject", "type", "groups", "clientId", "issuer"}`, all but the subject optional. Throws `usage`. */
export function parseCaller(text: string): PolicyCaller {
  return toCaller(parseJson(text, 'the caller'));
}

/** A person, unless `type` says another; a ServiceAccount's subject says so itself. */
export function toCaller(value: Readonly<Record<string, unknown>>): PolicyCaller {
  const { subject, type, groups = [], clientId, issuer } = value;
  const unknown = Object.keys(value).find((key) => !callerFields.has(key));
  if (unknown !== undefined) throw new CliError('usage', `a caller has no field ${unknown}`);
  if (typeof subject !== 'string') throw new CliError('usage', 'expected a caller with a subject');
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) {
    throw new CliError('usage', 'expected groups as a list of names');
  }
  return {
    subject,
    subjectType: toType(type, subject),
    groups,
    ...(typeof clientId === 'string' ? { clientId } : {}),
    ...(typeof issuer === 'string' ? { issuer } : {}),
  };
}

function toType(type: unknown, subject: string): PolicyCaller['subjectType'] {
  if (type === undefined) return subject.startsWith('system:serviceaccount:') ? 'workload' : 'human';
  const known = types.find((one) => one === type);
  if (known === undefined) throw new CliError('usage', `expected the type of a caller as one of ${types.join(', ')}`);
  return known;
}

function parseJson(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseExactJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below: what is no JSON and what is no object are the same mistake.
  }
  throw new CliError('usage', `expected ${what} as a JSON object`);
}
