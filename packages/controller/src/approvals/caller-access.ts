/** Who can act as the caller cannot approve for it, nor can the caller's own puppet: four eyes would be two. */
import type { HeldApproval } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import type { Person } from './person.ts';
import type { Named } from './same-person.ts';

/** A ServiceAccount. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** Asks the cluster's authoriser. Rejects when nobody knows. */
export interface CallerAccess {
  /** What of it lets the person act as the account; `undefined`: nothing. */
  wayToActAs(person: Named & Pick<Person, 'type' | 'groups'>, account: Account): Promise<string | undefined>;
}

/** Without a cluster there are no ServiceAccounts and nobody to ask. */
export const noCallerAccess: CallerAccess = { wayToActAs: async () => undefined };

/**
 * Rejects with `may_act_as_caller` when one of the two is a ServiceAccount that the other can act as. The groups of a
 * human caller are not known here: what only they allow is not found.
 */
export async function refuseActing(access: CallerAccess, person: Person, { caller }: HeldApproval): Promise<void> {
  const calling = accountOf(caller);
  const way = calling === undefined ? undefined : await access.wayToActAs(person, calling);
  if (way !== undefined) throw refused(`you may ${way}: that lets you act as the caller`);
  const deciding = accountOf(person);
  const groups = calling === undefined ? [] : accountGroups(calling);
  const back = deciding === undefined ? undefined : await access.wayToActAs({ ...caller, groups }, deciding);
  if (back !== undefined) throw refused(`the caller may ${back}: that lets it act as you`);
}

/** The groups that Kubernetes gives a ServiceAccount; its tokens do not carry them. */
export function accountGroups({ namespace }: Account): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The ServiceAccount that a token of a workload is of. */
export function accountOf({ type, sub }: Pick<Person, 'type' | 'sub'>): Account | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(sub) ?? [];
  return type !== 'workload' || namespace === undefined || name === undefined ? undefined : { namespace, name };
}

function refused(message: string): ControllerError {
  return new ControllerError('may_act_as_caller', message);
}
