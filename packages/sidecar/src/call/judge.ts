/** Step 4: what policy says to each message. Answers that clients give to a server's requests name no method: they pass. */
import {
  isJsonObject,
  mcpTarget,
  parseExactJson,
  toPolicyCaller,
  type Decision,
  type GuardFinding,
  type PolicyCall,
  type Principal,
} from '@tachograph/protocol';
import { textOf } from '../masking/long-bytes.ts';
import type { JudgedArguments } from '../masking/long-request.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';

const passes: Decision = { verdict: 'allow' };

/** What judging needs beside the message. */
export interface Judging {
  readonly principal: Principal;
  readonly timeMs: number;
  readonly guards?: readonly GuardFinding[];
}

export function judge(policy: PolicyInForce, parsed: ParsedMessage, judging: Judging): Decision {
  return parsed.message.kind === 'response' ? passes : policy.decide(toPolicyCall(parsed, judging));
}

/** The message as policy sees it; an answer, which names no method, is none. */
export function toPolicyCall(
  { message, text, judged }: ParsedMessage,
  { principal, timeMs, guards }: Judging,
): PolicyCall {
  const method = message.kind === 'response' ? '' : message.method;
  const params = message.kind === 'response' ? {} : message.params;
  return {
    method,
    ...mcpTarget(method, params),
    ...toPolicyCaller(principal),
    timeMs,
    // Read again from the very text that goes on, and only where a condition asks for it.
    readArguments: () => (judged === undefined ? argumentsOf(params, textOf(text)) : judgedValue(judged)),
    ...(guards === undefined ? {} : { guards }),
  };
}

/** Reading integers exactly takes a microsecond a value, and other calls wait meanwhile. */
export const maxExactValues = 10_000;

function judgedValue(judged: JudgedArguments): unknown {
  if (judged.kind === 'too-many') throw new RangeError(`more than ${maxExactValues} values`);
  return judged.value;
}

function argumentsOf(params: Readonly<Record<string, unknown>>, text: string): unknown {
  if (holdsMoreThan(maxExactValues, params)) throw new RangeError(`more than ${maxExactValues} values`);
  const message = parseExactJson(text);
  const exact = isJsonObject(message) ? message['params'] : undefined;
  return isJsonObject(exact) ? exact['arguments'] : undefined;
}

/** Stops counting at the limit. */
export function holdsMoreThan(limit: number, value: unknown): boolean {
  const rest = [value];
  let count = 0;
  while (rest.length > 0) {
    const next = rest.pop();
    count += 1;
    if (count + rest.length > limit) return true;
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next) && next.length > limit) return true;
    for (const member of Object.values(next)) rest.push(member);
  }
  return false;
}

/** Rules and ledger together: what a call is judged by, and again before an approved one runs. */
export function verdictOn(
  { ledger }: CallContext,
  policy: PolicyInForce,
  parsed: ParsedMessage,
  judging: Judging,
): Decision {
  return ledger.judge(policy, judging.principal, parsed.message, judge(policy, parsed, judging));
}
