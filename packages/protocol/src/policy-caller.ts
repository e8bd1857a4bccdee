import type { PolicyCall } from './policy-spec.ts';
import type { Principal } from './record.ts';

/** What policies may ask about who calls. */
export type PolicyCaller = Pick<
  PolicyCall,
  'subject' | 'subjectType' | 'groups' | 'groupsUnknown' | 'issuer' | 'clientId'
>;

/** The caller as policies see it: the same when a call is judged, when lists are filtered and when a record is replayed. */
export function toPolicyCaller(principal: Principal): PolicyCaller {
  const { iss, sub, type, groups = [], groups_unknown: unknown, client_id: clientId } = principal;
  return {
    subject: sub,
    subjectType: type,
    groups,
    ...(unknown === undefined ? {} : { groupsUnknown: true }),
    issuer: iss,
    ...(clientId === undefined ? {} : { clientId }),
  };
}
