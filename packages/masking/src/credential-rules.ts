import { slightRule } from './detectors/free-text-names.ts';
import { personalRuleIds } from './personal/index.ts';
import { ruleIds } from './rule-set.ts';

const personal: ReadonlySet<string> = new Set(personalRuleIds);

/**
 * Whether evidence of this rule says that a credential stood there: not personal data, not what a policy's own keys,
 * patterns and paths hide, and no name that says little.
 */
export function isCredentialRule(rule: string): boolean {
  return ruleIds.has(rule) && !personal.has(rule) && rule !== slightRule && rule !== 'custom-key';
}
