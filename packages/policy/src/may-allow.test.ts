import { describe, expect, test } from '@jest/globals';
import type { BundlePayload, BundleRule, PolicyCall } from '@tachograph/protocol';
import { compileBundle } from './decide.ts';
import { mayAllow } from './may-allow.ts';

const call: PolicyCall = { method: 'tools/call', tool: 'drop', subject: 'alice', subjectType: 'human', groups: [] };

function may(rules: readonly Partial<BundleRule>[], more: Partial<BundlePayload> = {}): boolean {
  const payload: BundlePayload = {
    v: 1,
    workload: 'tachograph://c/n/w',
    version: 1,
    issuedAt: '2026-01-01T00:00:00Z',
    notAfter: '2099-01-01T00:00:00Z',
    default: 'allow',
    rules: rules.map((rule, index) => ({ policy: 'n/p', name: `r${index}`, verdict: 'allow', ...rule })),
    masking: {},
    durabilityFloor: 'process',
    ...more,
  };
  return mayAllow(compileBundle(payload), call);
}

describe('what a caller may reach', () => {
  test('follows rules without a condition, denial first', () => {
    expect(may([])).toBe(true);
    expect(may([], { default: 'deny' })).toBe(false);
    expect(may([{ verdict: 'allow' }, { verdict: 'deny' }])).toBe(false);
    expect(may([{ verdict: 'approve' }], { default: 'deny' })).toBe(true);
    expect(may([{ verdict: 'deny', what: { tools: ['read'] } }])).toBe(true);
    expect(may([{ verdict: 'deny', who: { subjects: ['bob'] } }])).toBe(true);
  });

  test('counts a condition for the caller, whatever it would say', () => {
    expect(may([{ verdict: 'deny', when: 'true' }])).toBe(true);
    expect(may([{ verdict: 'allow', when: 'false' }], { default: 'deny' })).toBe(true);
    expect(may([{ verdict: 'deny', when: 'true' }], { default: 'deny' })).toBe(false);
    expect(may([{ verdict: 'allow', when: 'true' }, { verdict: 'deny' }])).toBe(false);
  });

  test('asks cluster and namespace each by itself', () => {
    expect(may([{ verdict: 'allow' }, { verdict: 'deny', cluster: true, policy: 'floor' }])).toBe(false);
    const defaults = { cluster: { verdict: 'deny', policy: 'floor' } } as const;
    expect(may([{ verdict: 'allow' }], { defaults })).toBe(false);
    expect(may([{ verdict: 'allow', cluster: true, policy: 'floor' }], { defaults })).toBe(true);
  });
});
