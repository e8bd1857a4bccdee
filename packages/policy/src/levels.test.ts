import { beforeAll, describe, expect, test } from '@jest/globals';
import type {
  BundlePayload,
  ClusterPolicySpec,
  Decision,
  GuardFinding,
  PolicyCall,
  PolicyRule,
  PolicySpec,
} from '@tachograph/protocol';
import fc from 'fast-check';
import {
  compileBundle,
  compilePolicies,
  decide,
  describeDenial,
  explain,
  hardnessOf,
  loadConditions,
  mayAllow,
  possibleDecisions,
  type Conditions,
  type PolicyObject,
} from './index.ts';

let conditions: Conditions;
beforeAll(async () => {
  conditions = await loadConditions();
});

const target = { namespace: 'team', workload: 'files' };
const cluster = (spec: ClusterPolicySpec, name = 'floor'): PolicyObject => ({
  kind: 'ClusterMcpPolicy',
  namespace: '',
  name,
  spec,
});
const own = (spec: PolicySpec, name = 'main'): PolicyObject => ({ namespace: 'team', name, spec });

function bundleOf(...objects: readonly PolicyObject[]): BundlePayload {
  const compiled = compilePolicies(objects, target, conditions);
  if (compiled.kind === 'refused') throw new Error(JSON.stringify(compiled.errors));
  return {
    v: 1,
    workload: 'tachograph://c/team/files',
    version: 1,
    issuedAt: '',
    notAfter: '',
    durabilityFloor: 'process',
    ...compiled.parts,
  };
}

const alice: PolicyCall = {
  method: 'tools/call',
  tool: 'read',
  subject: 'alice',
  subjectType: 'human',
  groups: ['dev'],
  readArguments: () => ({ n: 5n }),
};

function ask(objects: readonly PolicyObject[], call: Partial<PolicyCall> = {}): Decision {
  return decide(compileBundle(bundleOf(...objects), conditions), { ...alice, ...call });
}

function shortOf({ verdict, rule, policy }: Decision): string {
  return [verdict, policy, rule].filter((part) => part !== undefined).join(' ');
}

function unreadable(): unknown {
  throw new Error('read');
}

const found = (verdict: GuardFinding['verdict'], kind: 'sql' | 'shell' = 'sql'): GuardFinding[] => [
  { kind, verdict, reasons: ['DELETE without WHERE'], guard: 0 },
];

const rule = (name: string, verdict: PolicyRule['verdict'], more: Partial<PolicyRule> = {}): PolicyRule => ({
  name,
  verdict,
  ...more,
});

const upstream = (name: string): PolicySpec => ({ upstream: { header: 'Authorization', secret: { name, key: 'k' } } });

describe('cluster and namespace', () => {
  test.each<[string, readonly PolicyObject[], string]>([
    [
      'a denial of the cluster stands',
      [cluster({ rules: [rule('no', 'deny')] }), own({ rules: [rule('yes', 'allow')] })],
      'deny floor no',
    ],
    [
      'an approval of the cluster stands',
      [cluster({ rules: [rule('ask', 'approve')] }), own({ rules: [rule('yes', 'allow')] })],
      'approve floor ask',
    ],
    [
      'its default of deny stands, whatever a rule of the namespace allows',
      [cluster({ default: 'deny' }), own({ default: 'allow', rules: [rule('yes', 'allow')] })],
      'deny floor',
    ],
    [
      'its default of deny gives way to its own rule',
      [cluster({ default: 'deny', rules: [rule('yes', 'allow')] }), own({})],
      'allow floor yes',
    ],
    [
      'its permission can be narrowed by a rule',
      [cluster({ rules: [rule('yes', 'allow')] }), own({ rules: [rule('no', 'deny')] })],
      'deny team/main no',
    ],
    [
      'its permission can be narrowed by a default',
      [cluster({ rules: [rule('yes', 'allow')] }), own({ default: 'deny' })],
      'deny team/main',
    ],
    [
      'both must allow',
      [
        cluster({ default: 'deny', rules: [rule('yes', 'allow')] }),
        own({ default: 'deny', rules: [rule('too', 'allow')] }),
      ],
      'allow floor yes',
    ],
    [
      'of two approvals the cluster’s approvers decide',
      [cluster({ rules: [rule('ask', 'approve')] }), own({ rules: [rule('ask', 'approve')] })],
      'approve floor ask',
    ],
    ['one for other namespaces is left out', [cluster({ namespaces: ['ops-*'], default: 'deny' }), own({})], 'allow'],
    ['one for other workloads is left out', [cluster({ workloads: ['db'], default: 'deny' }), own({})], 'allow'],
  ])('%s', (_fact, objects, expected) => {
    expect(shortOf(ask(objects))).toBe(expected);
  });

  test('a default tells whose it is', () => {
    const decision = ask([cluster({ default: 'deny', owner: 'platform' })]);
    expect(decision).toEqual({ verdict: 'deny', policy: 'floor', owner: 'platform' });
    expect(describeDenial(decision)).toBe('Denied by the default of policy "floor" (owner: platform).');
  });

  test('a faulty policy of the cluster refuses every workload', () => {
    const faulty = { ...cluster({}), spec: { defaults: 'deny' } };
    expect(compilePolicies([faulty, own({})], target, conditions)).toEqual({
      kind: 'refused',
      errors: [{ policy: 'floor', path: 'spec.defaults', message: 'unknown field' }],
    });
  });

  test('gather what is no rule, each with its source', () => {
    const limits = [{ name: 'l', per: 'caller' as const, calls: 1, seconds: 1 }];
    const parts = bundleOf(
      cluster({ limits, ledger: { onDrift: 'hold' }, floors: { durability: 'archive' }, owner: 'platform' }),
      own({ limits, alerts: [{ name: 'a', kind: 'surge' }], ledger: { onDrift: 'record' }, guards: [{ kind: 'sql' }] }),
    );
    expect(parts).toMatchObject({
      limits: [
        { policy: 'floor', cluster: true, owner: 'platform', name: 'l' },
        { policy: 'team/main', name: 'l' },
      ],
      alerts: [{ policy: 'team/main', kind: 'surge' }],
      guards: [{ policy: 'team/main', kind: 'sql' }],
      ledger: { onDrift: 'hold' },
      durabilityFloor: 'archive',
    });
  });

  test('two that name different credentials refuse each other', () => {
    expect(bundleOf(cluster(upstream('one')), own(upstream('one'))).upstream).toMatchObject({
      secret: { name: 'one' },
    });
    expect(compilePolicies([cluster(upstream('one')), own(upstream('two'))], target)).toMatchObject({
      kind: 'refused',
      errors: [{ policy: 'floor', path: 'spec.upstream' }, { policy: 'team/main' }],
    });
  });

  test('a floor of masking is what no namespace goes below', () => {
    const loose: PolicySpec = {
      masking: {
        off: ['jwt'],
        allow: [{ value: '@example.com' }],
        rules: [{ path: '$.a', transform: 'keep' }],
        transforms: { default: 'partial' },
        points: { record: 'balanced' },
      },
    };
    const { masking } = bundleOf(cluster({ floors: { masking: { keys: ['pin'] } } }), own(loose));
    expect(masking).toEqual({ keys: ['pin'], transforms: { default: 'redact' }, points: { record: 'recall' } });
    const { masking: permitted } = bundleOf(cluster({ floors: { masking: { off: ['jwt', 'pem'] } } }), own(loose));
    expect(permitted.off).toEqual(['jwt']);
  });
});

function withUnread(more: Partial<PolicyRule>): Decision {
  return ask([own({ rules: [rule('r', 'deny', more)] })], { readArguments: unreadable });
}

describe('conditions in rules', () => {
  const failing = 'call.arguments.missing == 1';
  test.each<[string, readonly PolicyRule[], string]>([
    ['a true one lets its rule speak', [rule('r', 'deny', { when: 'call.arguments.n == 5' })], 'deny team/main r'],
    ['a false one keeps it silent', [rule('r', 'deny', { when: 'call.arguments.n == 6' })], 'allow'],
    ['a failing one makes a denial speak', [rule('r', 'deny', { when: failing })], 'deny team/main r'],
    ['a failing one makes an approval speak', [rule('r', 'approve', { when: failing })], 'approve team/main r'],
    ['a failing one keeps a permission silent', [rule('r', 'allow', { when: failing })], 'allow'],
    [
      'a later rule speaks where an earlier one is silent',
      [rule('a', 'deny', { when: 'false' }), rule('b', 'approve')],
      'approve team/main b',
    ],
  ])('%s', (_fact, rules, expected) => {
    expect(shortOf(ask([own({ rules: [...rules] })]))).toBe(expected);
  });

  test('say that a rule speaks only because they failed', () => {
    const decision = ask([own({ rules: [rule('r', 'deny', { when: failing })] })]);
    expect(decision.conditionFailed).toBe(true);
    expect(describeDenial(decision)).toContain('because its condition could not be evaluated');
  });

  test('all fail where nothing compiles them', () => {
    const payload = bundleOf(
      own({ rules: [rule('no', 'deny', { when: 'false' }), rule('yes', 'allow', { when: 'true' })] }),
    );
    expect(shortOf(decide(compileBundle(payload), alice))).toBe('deny team/main no');
    expect(compilePolicies([own({ rules: [rule('r', 'deny', { when: 'true' })] })], target)).toMatchObject({
      errors: [{ path: 'spec.rules[0].when', message: 'conditions cannot be checked here' }],
    });
  });

  test('read arguments only where they ask for them, and fail where those cannot be read', () => {
    expect(withUnread({ when: 'call.arguments.n == 5', what: { tools: ['other'] } }).verdict).toBe('allow');
    expect(withUnread({ when: 'caller.subject == "alice" && call.name == "read"' })).toEqual({
      verdict: 'deny',
      rule: 'r',
      policy: 'team/main',
    });
    expect(withUnread({ when: 'has(call.arguments.n)' })).toMatchObject({ verdict: 'deny', conditionFailed: true });
  });
});

describe('guards', () => {
  test.each<[GuardFinding['verdict'], 'sql' | 'shell', string]>([
    ['read', 'sql', 'allow'],
    ['bounded_write', 'sql', 'allow'],
    ['unbounded_write', 'sql', 'deny'],
    ['ddl', 'sql', 'deny'],
    ['privilege', 'sql', 'deny'],
    ['host', 'sql', 'deny'],
    ['opaque', 'sql', 'approve'],
    ['benign', 'shell', 'allow'],
    ['destructive', 'shell', 'deny'],
    ['opaque', 'shell', 'approve'],
  ])('%s of %s: %s', (verdict, kind, expected) => {
    expect(ask([own({ guards: [{ kind }] })], { guards: found(verdict, kind) }).verdict).toBe(expected);
  });

  test('object with their reasons and their approvers', () => {
    const objects = [
      own({ owner: 'dba', guards: [{ kind: 'sql', verdicts: { ddl: 'approve' }, approve: { groups: ['dba'] } }] }),
    ];
    expect(ask(objects, { guards: found('ddl') })).toEqual({
      verdict: 'approve',
      rule: 'guard:sql',
      policy: 'team/main',
      owner: 'dba',
      message: 'the SQL in it is judged ddl: DELETE without WHERE',
      approve: { subjects: [], groups: ['dba'], count: 1, withinSeconds: 3600 },
      guard: found('ddl'),
    });
  });

  test('allow nothing, and one of the cluster stands', () => {
    expect(ask([own({ default: 'deny', guards: [{ kind: 'sql' }] })], { guards: found('read') }).verdict).toBe('deny');
    const loose = own({ guards: [{ kind: 'sql', verdicts: { ddl: 'allow' } }], rules: [rule('all', 'allow')] });
    const decision = ask([cluster({ guards: [{ kind: 'sql' }] }), loose], { guards: found('ddl') });
    expect(shortOf(decision)).toBe('deny floor guard:sql');
  });
});

/** The finding is every guard's. */
function judge(
  objects: readonly PolicyObject[],
  { found: verdict, ...call }: { found: GuardFinding['verdict'] } & Partial<PolicyCall>,
): Decision {
  const payload = bundleOf(...objects);
  const guards = (payload.guards ?? []).map((_, guard): GuardFinding => ({
    kind: 'sql',
    verdict,
    reasons: [],
    guard,
  }));
  return decide(compileBundle(payload, conditions), { ...alice, ...call, guards });
}

describe('properties of merging', () => {
  const verdict = fc.constantFrom('allow' as const, 'deny' as const, 'approve' as const);
  const condition = fc.constantFrom('call.arguments.n == 5', 'call.arguments.n == 6', 'call.arguments.x == 1');
  const anyRule = fc.record(
    {
      verdict,
      who: fc.constantFrom<NonNullable<PolicyRule['who']>>(
        { subjects: ['alice'] },
        { subjects: ['bob'] },
        { groups: ['dev'] },
        { clientIds: ['c'] },
      ),
      what: fc.constantFrom<NonNullable<PolicyRule['what']>>(
        { tools: ['read'] },
        { tools: ['re*'] },
        { tools: ['write'] },
        { methods: ['prompts/get'] },
      ),
      when: condition,
    },
    { requiredKeys: ['verdict'] },
  );
  const anyGuard = fc.record({
    kind: fc.constant('sql' as const),
    verdicts: fc.constantFrom({}, { ddl: 'allow' as const }, { ddl: 'approve' as const }, { read: 'deny' as const }),
  });
  const anySpec: fc.Arbitrary<PolicySpec> = fc
    .record(
      {
        default: fc.constantFrom('allow' as const, 'deny' as const),
        rules: fc.array(anyRule, { maxLength: 4 }),
        guards: fc.array(anyGuard, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    .map(({ rules = [], ...spec }): PolicySpec => ({
      ...spec,
      rules: rules.map((one, index): PolicyRule => ({ ...one, name: `r${index}` })),
    }));
  const anyCall = fc.record({
    tool: fc.constantFrom('read', 'write', 'other'),
    subject: fc.constantFrom('alice', 'bob'),
    groups: fc.constantFrom([], ['dev']),
    found: fc.constantFrom<GuardFinding['verdict']>('read', 'ddl', 'opaque'),
  });

  test('no policy of a namespace loosens what the cluster says', () => {
    fc.assert(
      fc.property(
        fc.array(anySpec, { maxLength: 2 }),
        fc.array(anySpec, { maxLength: 2 }),
        anyCall,
        (floors, specs, call) => {
          const above = floors.map((spec, index) => cluster(spec, `floor${index}`));
          const below = specs.map((spec, index) => own(spec, `main${index}`));
          const alone = judge(above, call);
          const together = judge([...below, ...above], call);
          // Nor does it choose other approvers.
          const isSame = together.verdict === 'approve' && alone.verdict === 'approve';
          expect(isSame ? together.policy : alone.policy).toBe(alone.policy);
          expect(hardnessOf[together.verdict]).toBeLessThanOrEqual(hardnessOf[alone.verdict]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('no policy of the cluster loosens what a namespace says', () => {
    fc.assert(
      fc.property(anySpec, anySpec, anyCall, (floor, spec, call) => {
        const together = judge([cluster(floor), own(spec)], call);
        expect(hardnessOf[together.verdict]).toBeLessThanOrEqual(hardnessOf[judge([own(spec)], call).verdict]);
      }),
      { numRuns: 1000 },
    );
  });

  test('neither the order of policies nor that of rules matters to the verdict', () => {
    fc.assert(
      fc.property(anySpec, anySpec, anyCall, (first, second, call) => {
        const turned = { ...first, rules: (first.rules ?? []).toReversed() };
        const one = judge([own(first, 'a'), own(second, 'b')], call);
        expect(judge([own(second, 'b'), own(turned, 'a')], call).verdict).toBe(one.verdict);
      }),
      { numRuns: 1000 },
    );
  });

  test('what may be said holds what is said, and lists show no tool that no call may reach', () => {
    fc.assert(
      fc.property(anySpec, anySpec, anyCall, (floor, spec, asked) => {
        const objects = [cluster(floor), own(spec)];
        const payload = bundleOf(...objects);
        const said = judge(objects, asked);
        const { found: _found, ...call } = asked;
        const bundle = compileBundle(payload, conditions);
        const possible = possibleDecisions(bundle, payload.guards ?? [], { ...alice, ...call });
        expect(possible.map((one) => one.verdict)).toContain(said.verdict);
        expect(said.verdict === 'deny' || mayAllow(bundle, { ...alice, ...call })).toBe(true);
        const speaking = explain(bundle, { ...alice, ...call }).filter(({ outcome }) => outcome === 'matches');
        const isRule = said.rule?.startsWith('r') === true && said.conditionFailed !== true;
        const isTraced = speaking.some(({ policy, rule: name }) => policy === said.policy && name === said.rule);
        expect(isTraced || !isRule).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('who finds out who calls', () => {
  const recordOnly: ClusterPolicySpec = { namespaces: ['team'], identity: 'record-only' };

  test('is left to the application by a policy of the cluster alone', () => {
    expect(bundleOf(cluster(recordOnly)).identity).toBe('record-only');
    expect(bundleOf(cluster({ default: 'allow' }))).not.toHaveProperty('identity');
    const spec = { identity: 'record-only' };
    const compiled = compilePolicies([{ namespace: 'team', name: 'main', spec }], target, conditions);
    expect(compiled).toEqual({
      kind: 'refused',
      errors: [{ policy: 'team/main', path: 'spec.identity', message: 'unknown field' }],
    });
  });

  test('is the sidecar where any policy of the cluster says so, or where the policy is for others', () => {
    expect(bundleOf(cluster(recordOnly), cluster({ identity: 'checked' }, 'floor-2'))).not.toHaveProperty('identity');
    expect(bundleOf(cluster({ namespaces: ['other'], identity: 'record-only' }))).not.toHaveProperty('identity');
    expect(bundleOf(cluster({ workloads: ['files'], identity: 'record-only' })).identity).toBe('record-only');
  });

  test('is not left to every application of the cluster by leaving a line out', () => {
    const compiled = compilePolicies([cluster({ identity: 'record-only' })], target, conditions);
    expect(compiled).toMatchObject({ kind: 'refused', errors: [{ policy: 'floor', path: 'spec.identity' }] });
  });
});
