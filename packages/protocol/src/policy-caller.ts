import type { PolicyCall } from './policy-spec.ts';
import type { Principal } from './record.ts';

/** What policies may ask about who calls. */
export type PolicyCaller = Pick<PolicyCall, 'subject' | 'subjectType' | 'groups' | 'issuer' | 'clientId'>;

/** The caller as policies see it: the same when a call is judged, when lists are filtered and when a record is replayed. */
export function toPolicyCaller({ iss, sub, type, groups = [], client_id: clientId }: Principal): PolicyCaller {
  return {
    subject: sub,
    subjectType: type,
    groups,
    issuer: iss,
    ...(clientId === undefined ? {} : { clientId }),
  };
}
