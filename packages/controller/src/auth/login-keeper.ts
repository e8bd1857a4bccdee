import type { LoginStore } from '@tachograph/authserver';

/** Login state where all replicas find it, and its end. What is in it is sealed by the auth server. */
export interface LoginKeeper extends LoginStore {
  /** Removes what is expired. Replicas may do so at once; what was extended meanwhile stays. */
  sweep(): Promise<LoginSweep>;
}

export interface LoginSweep {
  readonly removed: number;
  /** What is left, by kind. */
  readonly kept: ReadonlyMap<string, number>;
}

/** Indexes that entries can be found by. */
export const loginIndexes = ['grant', 'uid', 'subject'] as const;
export type LoginIndex = (typeof loginIndexes)[number];

/** Keys and index values are hex digests: nothing else becomes a name of an object or a file. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{16,64}$/.test(text);
}

/** How many there are of each kind. */
export function countKinds(entries: Iterable<{ readonly kind: string }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
