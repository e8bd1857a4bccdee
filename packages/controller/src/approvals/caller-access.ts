/** Who can act as the caller cannot approve for it: four eyes would be two. */
import type { HeldApproval } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import type { Person } from './person.ts';

/** A ServiceAccount that called. */
export interface CallingAccount {
  readonly namespace: string;
  readonly name: string;
}

/** Asks the cluster's authoriser. Rejects when nobody knows. */
export interface CallerAccess {
  /** What of it lets the person act as the account; `undefined`: nothing. */
  wayToActAs(person: Person, account: CallingAccount): Promise<string | undefined>;
}

/** Without a cluster there are no ServiceAccounts and nobody to ask. */
export const noCallerAccess: CallerAccess = { wayToActAs: async () => undefined };

/** Rejects with `may_act_as_caller`. Callers that are no ServiceAccounts are not asked about. */
export async function refuseActing(access: CallerAccess, person: Person, { caller }: HeldApproval): Promise<void> {
  const account = caller.type === 'workload' ? parseAccount(caller.sub) : undefined;
  if (account === undefined) return;
  const way = await access.wayToActAs(person, account);
  if (way !== undefined)
    throw new ControllerError('may_act_as_caller', `you may ${way}: that lets you act as the caller`);
}

function parseAccount(sub: string): CallingAccount | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(sub) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
