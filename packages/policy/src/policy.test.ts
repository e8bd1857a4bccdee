import { describe, expect, test } from '@jest/globals';
import type { BundlePayload, PolicyCall, PolicyRule } from '@tachograph/protocol';
import { compileBundle, compilePolicies, compileScope, decide, describeDenial, type PolicyObject } from './index.ts';

const payload: BundlePayload = {
  v: 1,
  workload: 'tachograph://c/team/files',
  version: 1,
  issuedAt: '2026-01-01T00:00:00Z',
  notAfter: '2026-01-01T01:00:00Z',
  default: 'allow',
  rules: [],
  masking: {},
  durabilityFloor: 'node',
};

const alice: PolicyCall = {
  method: 'tools/call',
  tool: 'read_file',
  subject: 'alice',
  subjectType: 'human',
  groups: ['dev', 'oncall'],
};

function ask(
  rules: readonly PolicyRule[],
  call: Partial<PolicyCall> = {},
  fallback: 'allow' | 'deny' = 'allow',
): string {
  const bundle = compileBundle({
    ...payload,
    default: fallback,
    rules: rules.map((rule) => ({ policy: 'team/main', ...rule })),
  });
  const { verdict, rule } = decide(bundle, { ...alice, ...call });
  return rule === undefined ? verdict : `${verdict} by ${rule}`;
}

const allowAll: PolicyRule = { name: 'all', verdict: 'allow' };
const denyDelete: PolicyRule = { name: 'no-delete', what: { tools: ['delete_*'] }, verdict: 'deny' };
const limit = { name: 'l', per: 'caller', calls: 1, seconds: 1 };
const approveWrite: PolicyRule = { name: 'ask', what: { tools: ['*_file'] }, verdict: 'approve' };

describe('precedence', () => {
  test.each([
    ['deny over approve over allow', [allowAll, approveWrite, denyDelete], 'delete_file', 'deny by no-delete'],
    ['the order of rules does not matter', [denyDelete, approveWrite, allowAll], 'delete_file', 'deny by no-delete'],
    ['approve over allow', [allowAll, approveWrite, denyDelete], 'write_file', 'approve by ask'],
    ['allow where nothing harder speaks', [allowAll, approveWrite, denyDelete], 'list', 'allow by all'],
  ])('%s', (_fact, rules, tool, expected) => {
    expect(ask(rules, { tool }, 'deny')).toBe(expected);
  });

  test('the default decides where no rule speaks', () => {
    expect(ask([denyDelete])).toBe('allow');
    expect(ask([denyDelete], {}, 'deny')).toBe('deny');
  });
});

describe('what', () => {
  const tools: PolicyRule = { name: 'r', what: { tools: ['*'] }, verdict: 'deny' };
  test.each<[string, PolicyRule, Partial<PolicyCall>, string]>([
    ['tools reach tools/call', tools, {}, 'deny by r'],
    ['tools reach a call without a name', { ...tools }, { method: 'tools/call', tool: '' }, 'deny by r'],
    ['tools reach nothing else', tools, { method: 'prompts/get' }, 'allow'],
    ['tools do not reach unknown methods', tools, { method: 'x/y' }, 'allow'],
    [
      'resources reach resources/subscribe',
      { name: 'r', what: { resources: ['file:///etc/*'] }, verdict: 'deny' },
      { method: 'resources/subscribe', resource: 'file:///etc/passwd' },
      'deny by r',
    ],
    [
      'prompts reach prompts/get',
      { name: 'r', what: { prompts: ['p?'] }, verdict: 'deny' },
      { method: 'prompts/get', prompt: 'p1' },
      'deny by r',
    ],
    [
      'methods and tools narrow each other',
      { name: 'r', what: { methods: ['prompts/get'], tools: ['*'] }, verdict: 'deny' },
      {},
      'allow',
    ],
    ['no what reaches every action', { name: 'r', verdict: 'deny' }, { method: 'tasks/cancel' }, 'deny by r'],
  ])('%s', (_fact, rule, call, expected) => {
    expect(ask([rule], call)).toBe(expected);
  });

  test.each(['initialize', 'ping', 'server/discover', 'tools/list', 'notifications/cancelled'])(
    'leaves %s to rules that name it',
    (method) => {
      expect(ask([{ name: 'r', verdict: 'deny' }], { method }, 'deny')).toBe('allow');
      expect(ask([{ name: 'r', what: { methods: ['*'] }, verdict: 'deny' }], { method }, 'deny')).toBe('allow');
      expect(ask([{ name: 'r', what: { methods: [method] }, verdict: 'deny' }], { method })).toBe('deny by r');
    },
  );

  test('denies a target whose name no server can have', () => {
    expect(ask([allowAll], { tool: 'x'.repeat(8193) })).toBe('deny');
  });
});

describe('who', () => {
  const ci: Partial<PolicyCall> = {
    subject: 'system:serviceaccount:build:runner',
    subjectType: 'workload',
    groups: [],
  };
  test.each<[string, PolicyRule['who'], Partial<PolicyCall>, boolean]>([
    ['a subject', { subjects: ['ali*'] }, {}, true],
    ['another subject', { subjects: ['bob'] }, {}, false],
    ['one of several groups', { groups: ['oncall'] }, {}, true],
    ['a group or a subject', { groups: ['ops'], subjects: ['alice'] }, {}, true],
    ['a service account', { serviceAccounts: ['build/runner'] }, ci, true],
    ['a service account by pattern', { serviceAccounts: ['build/*'] }, ci, true],
    ['no service account of another namespace', { serviceAccounts: ['team/*'] }, ci, false],
    [
      'no human who calls himself a service account',
      { serviceAccounts: ['*'] },
      { ...ci, subjectType: 'human' },
      false,
    ],
    ['a client', { clientIds: ['cursor'] }, { clientId: 'cursor' }, true],
    ['no call without a client', { clientIds: ['*'] }, {}, false],
    [
      'a client only together with its subject',
      { clientIds: ['cursor'], subjects: ['bob'] },
      { clientId: 'cursor' },
      false,
    ],
    ['everybody where nothing is said', {}, {}, true],
  ])('matches %s', (_fact, who, call, matches) => {
    expect(ask([{ name: 'r', who, verdict: 'deny' }], call)).toBe(matches ? 'deny by r' : 'allow');
  });
});

function object(name: string, spec: unknown, namespace = 'team'): PolicyObject {
  return { name, namespace, spec };
}

describe('groups that are unknown', () => {
  const unknown: Partial<PolicyCall> = { groups: [], groupsUnknown: true };
  const who = { groups: ['contractors'] };

  test('make what denies or asks by group speak, and what allows by group silent', () => {
    expect(ask([allowAll, { name: 'not-them', who, verdict: 'deny' }], unknown)).toBe('deny by not-them');
    expect(ask([allowAll, { name: 'ask-them', who, verdict: 'approve' }], unknown)).toBe('approve by ask-them');
    expect(ask([{ name: 'only-them', who, verdict: 'allow' }], unknown, 'deny')).toBe('deny');
  });

  test('matter to no rule about something else', () => {
    const other = { groups: ['contractors'], subjects: ['alice'] };
    expect(ask([{ name: 'alice', who: other, verdict: 'allow' }], unknown, 'deny')).toBe('allow by alice');
    expect(ask([{ name: 'bob', who: { subjects: ['bob'] }, verdict: 'deny' }], unknown)).toBe('allow');
  });

  test('reach what limits a group', () => {
    expect(compileScope({ who })({ ...alice, ...unknown })).toBe(true);
    expect(compileScope({ who })(alice)).toBe(false);
  });
});

describe('compiling policies', () => {
  const target = { namespace: 'team', workload: 'files' };
  test('joins the policies for the workload, the stricter default winning', () => {
    const compiled = compilePolicies(
      [
        object('b', { default: 'deny', rules: [allowAll], masking: { keys: ['pin'], off: ['jwt', 'cookie'] } }),
        object('a', { workloads: ['fi*'], rules: [denyDelete], masking: { off: ['jwt', 'pem'] } }),
        object('c', { workloads: ['other'], rules: [approveWrite] }),
        object('d', { rules: [approveWrite] }, 'elsewhere'),
      ],
      target,
    );
    expect(compiled).toEqual({
      kind: 'compiled',
      policies: ['team/a', 'team/b'],
      parts: {
        default: 'deny',
        defaults: { namespace: { verdict: 'deny', policy: 'team/b' } },
        rules: [
          { policy: 'team/a', ...denyDelete },
          { policy: 'team/b', ...allowAll },
        ],
        masking: { off: ['jwt'], keys: ['pin'] },
      },
    });
  });

  test('allows where there is no policy', () => {
    expect(compilePolicies([], target)).toEqual({
      kind: 'compiled',
      policies: [],
      parts: { default: 'allow', rules: [], masking: {} },
    });
  });

  test.each<[string, unknown, string, string]>([
    [
      'an unknown field',
      { rules: [{ ...allowAll, what: { tool: ['x'] } }] },
      'spec.rules[0].what.tool',
      'unknown field',
    ],
    ['an unknown field at the top', { defaults: 'deny' }, 'spec.defaults', 'unknown field'],
    [
      'an unknown verdict',
      { rules: [{ name: 'r', verdict: 'block' }] },
      'spec.rules[0].verdict',
      'expected one of allow, deny, approve',
    ],
    ['a wrong type', { rules: {} }, 'spec.rules', 'expected array'],
    ['no spec', undefined, 'spec', 'expected object'],
    ['a name twice', { rules: [allowAll, allowAll] }, 'spec.rules[1].name', 'another rule has this name'],
    [
      'an empty list',
      { rules: [{ ...allowAll, who: { groups: [] } }] },
      'spec.rules[0].who.groups',
      'expected at least one pattern',
    ],
    ['an empty workload list', { workloads: [] }, 'spec.workloads', 'expected at least one pattern'],
    [
      'methods that have no such target',
      { rules: [{ ...allowAll, what: { methods: ['resources/*'], tools: ['x'] } }] },
      'spec.rules[0].what',
      'none of these methods is about tools',
    ],
    [
      'a method that nobody knows',
      { limits: [{ ...limit, what: { methods: ['tool/call'] } }] },
      'spec.limits[0].what.methods[0]',
      'no MCP method matches this',
    ],
    [
      'a pattern that is none',
      { rules: [{ ...allowAll, what: { tools: ['a|b'] } }] },
      'spec.rules[0].what.tools[0]',
      'no tool has such a name: a pattern knows only * and ?',
    ],
    [
      'an account without a namespace',
      { rules: [{ ...allowAll, who: { serviceAccounts: ['ci'] } }] },
      'spec.rules[0].who.serviceAccounts[0]',
      'expected namespace/name',
    ],
    [
      'approvers beside a denial',
      { rules: [{ ...denyDelete, approve: {} }] },
      'spec.rules[0].approve',
      'only a rule with verdict approve has approvers',
    ],
    [
      'no approver',
      { rules: [{ ...approveWrite, approve: { groups: [] } }] },
      'spec.rules[0].approve.groups',
      'expected at least one pattern',
    ],
    [
      'an approval for ever',
      { rules: [{ ...approveWrite, approve: { withinSeconds: 1e6 } }] },
      'spec.rules[0].approve.withinSeconds',
      'expected at most 86400',
    ],
    [
      'an unknown verdict of a guard',
      { guards: [{ kind: 'sql', verdicts: { writes: 'deny' } }] },
      'spec.guards[0].verdicts.writes',
      'unknown verdict',
    ],
    [
      'a verdict of the other guard',
      { guards: [{ kind: 'shell', verdicts: { ddl: 'deny' } }] },
      'spec.guards[0].verdicts.ddl',
      'no verdict of shell: expected one of benign, opaque, destructive',
    ],
    [
      'an unknown dialect',
      { guards: [{ kind: 'sql', dialect: 'sequel' }] },
      'spec.guards[0].dialect',
      'unknown dialect of SQL',
    ],
    [
      'a dialect of shell',
      { guards: [{ kind: 'shell', dialect: 'bash' }] },
      'spec.guards[0].dialect',
      'only a guard of kind sql has a dialect',
    ],
    [
      'a path that leads nowhere',
      { guards: [{ kind: 'sql', arguments: ['$.a[*]'] }] },
      'spec.guards[0].arguments[0]',
      'expected the name of an argument, or a path as $.a.b[0]',
    ],
    ['a limit twice', { limits: [limit, limit] }, 'spec.limits[1].name', 'another limit has this name'],
    ['no calls at all', { limits: [{ ...limit, calls: 0 }] }, 'spec.limits[0].calls', 'expected at least 1'],
    ['half a second', { limits: [{ ...limit, seconds: 0.5 }] }, 'spec.limits[0].seconds', 'expected int'],
    [
      'an unknown alert',
      { alerts: [{ name: 'a', kind: 'spikes' }] },
      'spec.alerts[0].kind',
      'expected one of surge, denials, credential_probing',
    ],
    [
      'an unknown reaction to drift',
      { ledger: { onDrift: 'deny' } },
      'spec.ledger.onDrift',
      'expected one of record, hide, hold',
    ],
    [
      'a header of the protocol',
      { upstream: { header: 'Mcp-Session-Id', secret: { name: 's', key: 'k' } } },
      'spec.upstream.header',
      'this header belongs to the protocol',
    ],
    [
      'a header that is none',
      { upstream: { header: 'a b', secret: { name: 's', key: 'k' } } },
      'spec.upstream.header',
      'expected the name of an HTTP header',
    ],
    [
      'a secret without a key',
      { upstream: { header: 'A', secret: { name: 's' } } },
      'spec.upstream.secret.key',
      'expected string',
    ],
    ['a field of the cluster', { floors: {} }, 'spec.floors', 'unknown field'],
    [
      'a bad name',
      { rules: [{ name: 'A b', verdict: 'deny' }] },
      'spec.rules[0].name',
      'expected lower-case letters, digits, "-" and ".", at most 63',
    ],
  ])('refuses %s with its path', (_fact, spec, path, message) => {
    expect(compilePolicies([object('p', spec), object('q', {})], target)).toEqual({
      kind: 'refused',
      errors: [{ policy: 'team/p', path, message }],
    });
  });

  test('tells the model rule, policy and message', () => {
    expect(describeDenial({ verdict: 'deny', rule: 'r', policy: 'team/p', message: 'Ask ops.' })).toBe(
      'Denied by rule "r" of policy "team/p": Ask ops.',
    );
    expect(describeDenial({ verdict: 'deny' })).toBe('Denied by the default of the policy.');
  });
});
