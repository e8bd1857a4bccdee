import type { ApprovalRequest, HeldApproval } from '@tachograph/protocol';
import type { Person } from '../approvals/person.ts';

export const testDigest = 'd'.repeat(64);
export const testBundle = 'b'.repeat(64);
export const testNowMs = Date.parse('2026-11-21T10:00:00Z');

/** What a sidecar asks for alice's call. */
export function testRequest(more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    digest: testDigest,
    caller: { iss: 'https://issuer', sub: 'alice', type: 'human' },
    session: 's1',
    method: 'tools/call',
    tool: 'query',
    arguments: '{"sql":"delete from t where id = 1","token":"[SECRET]"}',
    maskedValues: 1,
    judgedMasked: false,
    rule: 'writes',
    policy: 'demo/tools',
    bundle: testBundle,
    approvers: { subjects: [], groups: ['dba'] },
    count: 1,
    expiresAt: new Date(testNowMs + 3_600_000).toISOString(),
    ...more,
  };
}

/** The same, held. */
export function testApproval(more: Partial<HeldApproval> = {}): HeldApproval {
  return {
    ...testRequest(),
    id: '01930000-0000-7000-8000-000000000001',
    namespace: 'demo',
    workload: 'tachograph://test/demo/store',
    state: 'pending',
    createdAt: new Date(testNowMs).toISOString(),
    decisions: [],
    ...more,
  };
}

/** A member of `dba`. */
export function testPerson(sub: string, more: Partial<Person> = {}): Person {
  return { iss: 'https://issuer', sub, type: 'human', groups: ['dba'], names: [], ...more };
}
