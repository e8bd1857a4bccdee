/** Who may hold, purge and export. */
import { compileGlobs } from '@tachograph/policy';
import type { Person } from '../approvals/person.ts';
import { ControllerError } from '../controller-error.ts';

const groupMark = 'group:';

function isGroup(one: string): boolean {
  return one.startsWith(groupMark);
}

/** Throws `not_a_custodian` unless a subject or group of the list names the person. */
export function createCustodianGate(custodians: readonly string[]): (person: Person) => void {
  const subjects = compileGlobs(custodians.filter((one) => !isGroup(one)));
  const groups = compileGlobs(custodians.filter(isGroup).map((one) => one.slice(groupMark.length)));
  return ({ sub, groups: own }) => {
    if (subjects(sub) || own.some(groups)) return;
    throw new ControllerError('not_a_custodian', 'the list of custodians names neither you nor a group of yours');
  };
}
