import type { Decision } from '@tachograph/protocol';

/** Deny beats approve beats allow: the lower wins. */
export const hardnessOf = { deny: 0, approve: 1, allow: 2 } as const;

/** The harder of two decisions. Where both are alike, the first; but one that a rule made says more than a default. */
export function harder(first: Decision | undefined, second: Decision | undefined): Decision | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const difference = hardnessOf[first.verdict] - hardnessOf[second.verdict];
  if (difference !== 0) return difference < 0 ? first : second;
  return first.rule === undefined && second.rule !== undefined ? second : first;
}
