/** Which entries of a list a caller may use, judged once for each caller, policy and list. */
import { LRUCache } from 'lru-cache';
import { toPolicyCaller, type PolicyCall, type Principal } from '@tachograph/protocol';
import type { PolicyInForce } from '../call/ports.ts';

export interface RightsQuestion {
  readonly names: readonly string[];
  /** Stands for the list: equal objects, equal names. */
  readonly list: object;
  /** Another number, other answers. */
  readonly revision: number;
  readonly toCall: (name: string) => Pick<PolicyCall, 'method' | 'tool' | 'prompt' | 'resource'>;
  readonly sees: (call: PolicyCall, index: number) => boolean;
}

export interface Rights {
  /** `1` for each name that the caller sees, `0` for each that stays hidden. */
  marks(policy: PolicyInForce, principal: Principal, question: RightsQuestion): string;
  callOf(principal: Principal, call: Pick<PolicyCall, 'method' | 'tool' | 'prompt' | 'resource'>): PolicyCall;
}

const rememberedCallers = 500;

export function createRights(): Rights {
  /** By policy in force, then by list: both come anew when they change. */
  const byPolicy = new WeakMap<PolicyInForce, WeakMap<object, LRUCache<string, string>>>();
  const rememberedFor = (policy: PolicyInForce, list: object): LRUCache<string, string> => {
    const lists = byPolicy.get(policy) ?? new WeakMap<object, LRUCache<string, string>>();
    const known = lists.get(list) ?? new LRUCache<string, string>({ max: rememberedCallers });
    byPolicy.set(policy, lists);
    lists.set(list, known);
    return known;
  };
  return {
    callOf: toCall,
    marks(policy, principal, { names, list, revision, toCall: callFor, sees }) {
      const remembered = rememberedFor(policy, list);
      const key = `${revision}\n${rightsKey(principal)}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const caller = toCall(principal, { method: '' });
      const marks = names.map((name, index) => (sees({ ...caller, ...callFor(name) }, index) ? '1' : '0')).join('');
      remembered.set(key, marks);
      return marks;
    },
  };
}

/** Everything of a caller that rules without a condition can ask for. */
function rightsKey({ iss, sub, type, groups, client_id }: Principal): string {
  return JSON.stringify([iss, sub, type, groups, client_id]);
}

function toCall(principal: Principal, call: Pick<PolicyCall, 'method'>): PolicyCall {
  return { ...call, ...toPolicyCaller(principal) };
}
