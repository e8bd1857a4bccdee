/** What a call gets whose definition nobody approved. */
import type { Decision, LedgerSection } from '@tachograph/protocol';
import type { DriftFound } from './inventory.ts';
import type { OnDrift } from './pins.ts';

/** Stands in decisions as the rule. */
export const driftRule = 'ledger:drift';

const approvableSeconds = 3600;

/** `decision` allows or asks; the answer is never weaker. */
export function driftDecision(
  onDrift: Exclude<OnDrift, 'record'>,
  section: LedgerSection,
  change: DriftFound['change'],
  decision: Decision,
): Decision {
  const what = section === 'tools' ? 'tool' : 'prompt';
  const why =
    change === 'new'
      ? `this ${what} is not among those that were approved for this server`
      : `the definition of this ${what} has changed since it was approved`;
  const message = `${why}; an administrator can look at it with "tacho tools diff" and approve it`;
  if (onDrift === 'hide') return { verdict: 'deny', rule: driftRule, message };
  if (decision.verdict === 'approve') return decision;
  const approve = { subjects: [], groups: [], count: 1, withinSeconds: approvableSeconds };
  return { verdict: 'approve', rule: driftRule, message, approve };
}
