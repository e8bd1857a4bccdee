import type { PolicyCall, PolicyWhat, PolicyWho } from '@tachograph/protocol';
import { targetOf } from './methods.ts';
import { compileWhat, compileWho } from './rule.ts';

/** Whether something of a policy that is no rule, such as a limit, is for a call. */
export type Scope = (call: PolicyCall) => boolean;

/** No server has longer names; a call with one is denied anyway, and patterns are read against this much of it. */
const maxTargetLength = 8192;

/** Reaches the calls that a denying rule with the same `who` and `what` reaches (`methods.ts`). Throws nothing, remembers nothing. */
export function compileScope({
  who,
  what,
}: {
  readonly who?: PolicyWho | undefined;
  readonly what?: PolicyWhat | undefined;
}): Scope {
  const matchesWho = compileWho(who, true);
  const targetsOf = compileWhat(what);
  return (call) => {
    const isTarget = targetsOf(call.method);
    return isTarget !== undefined && isTarget(targetOf(call).slice(0, maxTargetLength)) && matchesWho(call);
  };
}
