import { compileGlobs } from '@tachograph/policy';
import type { HeldApproval } from '@tachograph/protocol';
import { maybeSamePerson, type Named } from './same-person.ts';

/** Who decides: what a verified token says. */
export interface Person extends Named {
  readonly type: 'human' | 'workload' | 'ci';
  readonly groups: readonly string[];
  readonly names: readonly string[];
}

/** Whether the approval's lists name the person. With both empty, every human but no machine is meant. */
export function isApprover(person: Person, { approvers }: Pick<HeldApproval, 'approvers'>): boolean {
  const { subjects, groups } = approvers;
  if (subjects.length === 0 && groups.length === 0) return person.type === 'human';
  return compileGlobs(subjects)(person.sub) || person.groups.some(compileGlobs(groups));
}

/** Whether the call may be the person's own. */
export function isOwnCall(person: Person, { caller }: Pick<HeldApproval, 'caller'>): boolean {
  return maybeSamePerson(person, caller);
}
