import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { loadConditions } from '@tachograph/policy';
import type { BundlePayload, Durability } from '@tachograph/protocol';
import { silentLogger } from '@tachograph/service';
import { createMaskThread } from '../masking/mask-thread.ts';
import type { PolicyInForce, PolicySource, StepsOff } from '../call/ports.ts';
import { fixedBundle, parseBundle, type BundleSource } from './bundle-source.ts';
import { createConditionSource, type ConditionSource } from './condition-source.ts';
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
  return createOver(fixedBundle(payload, 'the text'), { off, durability });
}

interface Variation {
  readonly off?: Partial<StepsOff>;
  readonly durability?: Durability;
  readonly conditions?: ConditionSource;
}

function createOver(
  bundles: BundleSource,
  { off = {}, durability = 'node', conditions = createConditionSource(silentLogger) }: Variation = {},
): Source {
  const applied: PolicyInForce[] = [];
  const held: Source = {
    applied,
    nowMs: startMs,
    source: createPolicySource({
      bundles,
      conditions,
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

  test('waits for what compiles its conditions, the bundle before it staying in force', async () => {
    const when = 'call.arguments.path.startsWith("/tmp/")';
    const conditional: BundlePayload = {
      ...payload,
      version: 4,
      rules: [{ policy: 'p', name: 'tmp', what: { tools: ['get-*'] }, when, verdict: 'allow' }],
    };
    let bundle = { payload, digest: 'before' };
    const conditions = createConditionSource(silentLogger);
    const { source } = createOver({ kind: 'bundle', current: () => bundle }, { conditions });
    expect(source.current()?.digest).toBe('before');
    bundle = { payload: conditional, digest: 'after' };
    expect(source.current()?.digest).toBe('before');
    expect(createOver({ kind: 'bundle', current: () => bundle }).source.current()).toBeUndefined();
    await conditions.load();
    const policy = source.current();
    expect(policy?.digest).toBe('after');
    const asked = (path: string) => policy?.decide({ ...call('get-x'), readArguments: () => ({ path }) }).verdict;
    expect([asked('/tmp/a'), asked('/etc/a')]).toEqual(['allow', 'deny']);
  });

  test('is none while what compiles its conditions cannot be loaded, and tries again', async () => {
    const failures = [new Error('no such file')];
    const conditions = createConditionSource(silentLogger, async () => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return loadConditions();
    });
    let bundle = { payload, digest: 'before' };
    const { source } = createOver({ kind: 'bundle', current: () => bundle }, { conditions });
    expect(source.current()?.digest).toBe('before');
    const rule = { policy: 'p', name: 'r', when: 'call.name == "x"', verdict: 'deny' } as const;
    bundle = { payload: { ...payload, rules: [rule] }, digest: 'after' };
    await conditions.load();
    expect(source.current()).toBeUndefined();
    await conditions.load();
    expect(source.current()?.digest).toBe('after');
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
