import type { MaskingAllowance } from '@tachograph/protocol';

/** Whether a policy says that a value which a rule found is no secret. */
export type AllowList = (rule: string, value: string) => boolean;

const everyRule = '*';

/** Exact values; one that begins with `@` stands for all e-mail addresses of that domain, in any case. */
export function createAllowList(allowances: readonly MaskingAllowance[]): AllowList | undefined {
  if (allowances.length === 0) return undefined;
  const rulesByValue = new Map<string, Set<string>>();
  for (const { rule = everyRule, value } of allowances) {
    const key = isDomain(value) ? value.toLowerCase() : value;
    rulesByValue.set(key, (rulesByValue.get(key) ?? new Set()).add(rule));
  }
  const holds = (rule: string, value: string): boolean => {
    const rules = rulesByValue.get(value);
    return rules !== undefined && (rules.has(rule) || rules.has(everyRule));
  };
  return (rule, value) =>
    holds(rule, value) || (rule === 'email' && holds(rule, value.slice(value.lastIndexOf('@')).toLowerCase()));
}

function isDomain(value: string): boolean {
  return /^@[\w.-]+$/.test(value);
}
