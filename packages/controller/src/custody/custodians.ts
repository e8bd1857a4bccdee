/** Who may hold, purge and export, and who may revoke. */
import { compileGlobs } from '@tachograph/policy';
import type { Person } from '../approvals/person.ts';
import { ControllerError } from '../controller-error.ts';

const groupMark = 'group:';

function isGroup(one: string): boolean {
  return one.startsWith(groupMark);
}

/** Throws `not_a_custodian` unless a subject or group of the list names the person. */
export function createCustodianGate(custodians: readonly string[]): (person: Person) => void {
  const isNamed = namesPerson(custodians);
  return (person) => {
    if (isNamed(person)) return;
    throw new ControllerError('not_a_custodian', 'the list of custodians names neither you nor a group of yours');
  };
}

/** Throws `forbidden` unless the list names the person so. */
export function createRevokerGate(revokers: readonly string[]): (person: Person) => void {
  const isNamed = namesPerson(revokers);
  return (person) => {
    if (isNamed(person)) return;
    throw new ControllerError('forbidden', 'the list of those who may revoke names neither you nor a group of yours');
  };
}

function namesPerson(list: readonly string[]): (person: Person) => boolean {
  const subjects = compileGlobs(list.filter((one) => !isGroup(one)));
  const groups = compileGlobs(list.filter(isGroup).map((one) => one.slice(groupMark.length)));
  return ({ sub, groups: own }) => subjects(sub) || own.some(groups);
}
