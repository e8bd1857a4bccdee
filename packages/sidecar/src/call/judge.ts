/** Step 4: what policy says to each message. Answers that clients give to a server's requests name no method: they pass. */
import {
  isJsonObject,
  mcpTarget,
  parseExactJson,
  type Decision,
  type GuardFinding,
  type PolicyCall,
  type Principal,
} from '@tachograph/protocol';
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
export function toPolicyCall({ message, text }: ParsedMessage, { principal, timeMs, guards }: Judging): PolicyCall {
  const method = message.kind === 'response' ? '' : message.method;
  const params = message.kind === 'response' ? {} : message.params;
  return {
    method,
    ...mcpTarget(method, params),
    subject: principal.sub,
    subjectType: principal.type,
    groups: principal.groups ?? [],
    issuer: principal.iss,
    timeMs,
    // Read again from the very text that goes on, and only where a condition asks for it.
    readArguments: () => argumentsOf(text),
    ...(principal.client_id === undefined ? {} : { clientId: principal.client_id }),
    ...(guards === undefined ? {} : { guards }),
  };
}

function argumentsOf(text: string): unknown {
  const message = parseExactJson(text);
  const params = isJsonObject(message) ? message['params'] : undefined;
  return isJsonObject(params) ? params['arguments'] : undefined;
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
