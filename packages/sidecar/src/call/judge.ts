/** Step 4: what policy says to each message. Answers that clients give to a server's requests name no method: they pass. */
import { mcpTarget, type Decision, type JsonRpcMessage, type PolicyCall, type Principal } from '@tachograph/protocol';
import type { PolicyInForce } from './ports.ts';

const passes: Decision = { verdict: 'allow' };

export function judge(policy: PolicyInForce, principal: Principal, message: JsonRpcMessage): Decision {
  return message.kind === 'response' ? passes : policy.decide(toPolicyCall(principal, message.method, message.params));
}

function toPolicyCall(principal: Principal, method: string, params: Readonly<Record<string, unknown>>): PolicyCall {
  return {
    method,
    ...mcpTarget(method, params),
    subject: principal.sub,
    subjectType: principal.type,
    groups: principal.groups ?? [],
    ...(principal.client_id === undefined ? {} : { clientId: principal.client_id }),
  };
}
