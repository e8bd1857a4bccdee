/** Which arguments the policy reads: where masking hides something of one, approvers would decide on what they cannot see. */
import type { BundlePayload } from '@tachograph/protocol';

/** Names of top-level arguments; `all`: it cannot be told. */
export type ArgumentNames = ReadonlySet<string> | 'all';

/** What the conditions of a bundle read. Of all rules: one that was asked and did not speak has judged too. */
export function conditionArguments({ rules }: Pick<BundlePayload, 'rules'>): ArgumentNames {
  const names = new Set<string>();
  for (const { when } of rules) {
    const read = when === undefined ? names : argumentsReadBy(when);
    if (read === 'all') return 'all';
    for (const name of read) names.add(name);
  }
  return names;
}

const callUse = /\bcall\b(?:\s*\.\s*([A-Za-z_]\w*))?/g;
/** A name that is called is a function of the whole. */
const member = /^\s*(?:\.\s*([A-Za-z_]\w*)(?!\w|\s*\()|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])/;

/** Reads CEL without parsing it: what is not plainly `call.arguments.name` counts as all of them. */
export function argumentsReadBy(when: string): ArgumentNames {
  const names = new Set<string>();
  for (const match of when.matchAll(callUse)) {
    const [use, field] = match;
    if (field !== undefined && field !== 'arguments') continue;
    const [, dotted, double, single] = member.exec(when.slice(match.index + use.length)) ?? [];
    const name = field === undefined ? undefined : (dotted ?? double ?? single);
    if (name === undefined) return 'all';
    names.add(name);
  }
  return names;
}
