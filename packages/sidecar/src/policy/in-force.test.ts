import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { BundlePayload, Durability } from '@tachograph/protocol';
import { silentLogger } from '@tachograph/service';
import { createMaskThread } from '../masking/mask-thread.ts';
import type { PolicyInForce, PolicySource, StepsOff } from '../call/ports.ts';
import { fixedBundle, parseBundle } from './bundle-source.ts';
import { createPolicySource } from './in-force.ts';

const on: StepsOff = { identity: false, policy: false, masking: false, record: false };
const payload: BundlePayload = {
  v: 1,
  workload: 'tachograph://c/n/w',
  version: 3,
  issuedAt: '2026-01-01T00:00:00Z',
  notAfter: '2026-01-01T01:00:00Z',
  default: 'deny',
  rules: [{ policy: 'p', name: 'read', what: { tools: ['get-*'] }, verdict: 'allow' }],
  masking: {},
  durabilityFloor: 'node',
};
const startMs = Date.parse(payload.issuedAt);
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';

interface Source {
  readonly source: PolicySource;
  readonly applied: PolicyInForce[];
  nowMs: number;
}

function create(off: Partial<StepsOff> = {}, durability: Durability = 'node'): Source {
  const applied: PolicyInForce[] = [];
  const held: Source = {
    applied,
    nowMs: startMs,
    source: createPolicySource({
      bundles: fixedBundle(payload, 'the text'),
      off: { ...on, ...off },
      masking: {
        thread: createMaskThread({ log: silentLogger, timeoutMs: 1_000 }),
        tokenKey: new Uint8Array(32),
        postJson: async () => undefined,
      },
      clock: { nowMs: () => held.nowMs, monotonicNs: () => 0 },
      durability,
      onApplied: (policy) => applied.push(policy),
    }),
  };
  return held;
}

const call = (tool: string): Parameters<PolicyInForce['decide']>[0] => ({
  method: 'tools/call',
  tool,
  subject: 'alice',
  subjectType: 'human',
  groups: [],
});

describe('the policy in force', () => {
  test('is the bundle, compiled and announced once', () => {
    const { source, applied } = create();
    const policy = source.current();
    expect(policy?.decide(call('get-x'))).toMatchObject({ verdict: 'allow', rule: 'read' });
    expect(policy?.decide(call('drop'))).toMatchObject({ verdict: 'deny' });
    expect(policy?.masker.maskShort(secret).kind).toBe('masked');
    expect(policy?.digest).toBe(hash('sha256', 'the text'));
    expect([source.current(), applied]).toEqual([policy, [policy]]);
  });

  test('ends with the bundle', () => {
    const held = create();
    held.nowMs = Date.parse(payload.notAfter) - 1;
    expect(held.source.current()).toBeDefined();
    held.nowMs += 1;
    expect(held.source.current()).toBeUndefined();
  });

  test('is none in a pod that is less durable than the bundle asks', () => {
    expect(create({}, 'process').source.current()).toBeUndefined();
    expect(create({}, 'archive').source.current()).toBeDefined();
  });

  test('leaves out what is switched off', () => {
    const policy = create({ policy: true, masking: true }).source.current();
    expect(policy?.decide(call('drop'))).toEqual({ verdict: 'allow' });
    expect(policy?.masker).toMatchObject({ rulesHash: 'off' });
    expect(policy?.masker.maskText(secret)).toEqual({ kind: 'clean' });
  });
});

test('a payload is read only in its own shape', () => {
  expect(parseBundle(JSON.stringify(payload))).toEqual(payload);
  expect(parseBundle('{}')).toBeUndefined();
  expect(parseBundle('{')).toBeUndefined();
});
