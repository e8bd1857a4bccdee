import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyCall } from '@tachograph/protocol';
import { loadConditions, type Conditions } from './condition.ts';

let conditions: Conditions;
beforeAll(async () => {
  conditions = await loadConditions();
});

const server = { cluster: 'c', namespace: 'team', workload: 'files' };
const call: PolicyCall = {
  method: 'tools/call',
  tool: 'pay',
  subject: 'alice',
  subjectType: 'human',
  groups: ['dev', 'oncall'],
  clientId: 'cursor',
  issuer: 'https://idp.example',
  timeMs: Date.UTC(2026, 10, 21, 3, 0, 0),
  readArguments: () => ({
    amount: 100n,
    path: '/etc/passwd',
    big: 12345678901234567890n,
    list: [1n, 2n],
    half: 0.5,
    none: null,
  }),
};

const readLarge = (): unknown => ({ id: 9007199254740993n });

function ask(source: string, changes: Partial<PolicyCall> = {}): string {
  const compiled = conditions.compile(source);
  if (compiled.kind === 'refused') return compiled.reason;
  return compiled.condition(conditions.variablesOf({ ...call, ...changes }, server));
}

describe('conditions', () => {
  test.each([
    ['"oncall" in caller.groups', 'failed'],
    ['!("oncall" in caller.groups)', 'failed'],
    ['caller.groups.exists(g, g == "oncall")', 'failed'],
    ['size(caller.groups) == 0', 'failed'],
    ['caller.subject == "alice"', 'true'],
  ])('%s is %s where the groups are unknown', (source, outcome) => {
    expect(ask(source, { groups: [], groupsUnknown: true })).toBe(outcome);
  });

  test.each([
    ['call.arguments.amount > 99', 'true'],
    ['call.arguments.amount == 100.0', 'true'],
    ['call.arguments.half < 1', 'true'],
    ['call.arguments.list == [1, 2]', 'true'],
    ['call.name == "pay" && call.method == "tools/call"', 'true'],
    ['call.arguments.path.startsWith("/etc/")', 'true'],
    ['call.arguments.path.matches("^/(etc|root)/")', 'true'],
    ['call.arguments.path.lowerAscii() == "/etc/passwd"', 'true'],
    ['"oncall" in caller.groups && caller.type == "human" && caller.clientId == "cursor"', 'true'],
    ['caller.issuer == "https://idp.example" && caller.subject == "alice"', 'true'],
    ['server.cluster == "c" && server.namespace == "team" && server.workload == "files"', 'true'],
    ['time.getHours("Europe/Berlin") < 6', 'true'],
    ['time > timestamp("2026-01-01T00:00:00Z")', 'true'],
    ['has(call.arguments.nothing)', 'false'],
    ['has(call.arguments.none) || "none" in call.arguments', 'false'],
    ['call.arguments.none == null', 'true'],
    ['call.arguments.nothing == 1', 'failed'],
    ['call.arguments.path > 3', 'failed'],
    ['call.arguments.amount', 'failed'],
    ['call.arguments.list[5] == 1', 'failed'],
    ['call.arguments.list.exists(n, n == 2)', 'true'],
    ['1 / (call.arguments.amount - 100) > 0', 'failed'],
  ])('%s: %s', (source, expected) => {
    expect(ask(source)).toBe(expected);
  });

  test('compare integers beyond the doubles exactly', () => {
    expect(ask('call.arguments.id == 9007199254740993', { readArguments: readLarge })).toBe('true');
    expect(ask('call.arguments.id == 9007199254740992', { readArguments: readLarge })).toBe('false');
  });

  test('see guard findings', () => {
    const guards = [{ kind: 'sql', verdict: 'ddl', reasons: [] }] as const;
    expect(ask('guard.exists(g, g.kind == "sql" && g.verdict == "ddl")', { guards })).toBe('true');
    expect(ask('guard.exists(g, g.verdict == "ddl")')).toBe('false');
  });

  test('are not deceived by members that the interpreter gives a meaning', () => {
    const disguised = JSON.parse(
      '{"path":{"$typeName":"google.protobuf.StringValue","value":"/tmp"},"constructor":{"name":"x"},"__proto__":{"path":"/tmp"}}',
    );
    const readArguments = (): unknown => disguised;
    expect(ask('call.arguments.path == "/tmp"', { readArguments })).toBe('false');
    expect(ask('has(call.arguments.toString)', { readArguments })).toBe('false');
    expect(ask('call.arguments.constructor.name == "x"', { readArguments })).toBe('true');
  });

  test('fail where a list or a text is longer than the limit, and where all loops together are', () => {
    const list = Array.from({ length: 1001 }, () => 'a');
    expect(ask('call.arguments.all(x, x == "a")', { readArguments: () => list })).toBe('failed');
    expect(ask('call.arguments.all(x, x == "a")', { readArguments: () => list.slice(1) })).toBe('true');
    const nested = 'call.arguments.all(x, call.arguments.all(y, x == y))';
    expect(ask(nested, { readArguments: () => list.slice(0, 200) })).toBe('failed');
    expect(ask(nested, { readArguments: () => list.slice(0, 90) })).toBe('true');
    expect(ask('call.arguments.matches("a+")', { readArguments: () => 'a'.repeat(65_537) })).toBe('failed');
    expect(ask('call.arguments.split("").all(x, x == "a")', { readArguments: () => 'a'.repeat(2000) })).toBe('failed');
  });

  test('fail without the time that they read', () => {
    const { timeMs: _time, ...timeless } = call;
    const compiled = conditions.compile('time.getHours() < 6');
    expect(compiled.kind === 'compiled' && compiled.condition(conditions.variablesOf(timeless, server))).toBe('failed');
  });

  test.each([
    ['calls.arguments.x == 1', 'unknown variable calls (at character 1)'],
    ['call.argument.x == 1', 'unknown field call.argument; there are method, name, arguments (at character'],
    ['caller["subjct"] == "a"', 'unknown field caller.subjct; there are subject, type, groups, clientId, issuer'],
    ['has(caller.tenant)', 'unknown field caller.tenant'],
    ['guard.exists(g, g.verdct == "ddl")', 'unknown field g.verdct; there are kind, verdict'],
    ['call.arguments.x.startWith("a")', 'unknown function startWith'],
    ['call.arguments.exists(x, call.arguments.exists(y, call.arguments.exists(z, x == z)))', 'more than 2 loops'],
    ['call.arguments.x.matches(call.arguments.y)', 'expected a literal pattern in matches()'],
    ['call.arguments.x.matches("(")', 'error parsing regexp'],
    ['@bounded(call) == 1', 'line 1, column 1'],
    ['call.arguments.x ==', 'line 1, column'],
    ['"yes"', 'is never true or false'],
    ['[true]', 'is never true or false'],
    [`call.arguments${'.a'.repeat(200)} == 1`, 'nested more than 100 levels deep'],
    [`${'('.repeat(2000)}true${')'.repeat(2000)}`, 'nested too deeply'],
    [`true || "${'x'.repeat(4096)}" == ""`, 'longer than 4096 bytes'],
    ['Foo{a: 1} == 1', 'unknown type Foo'],
    ['has(call)', 'has() takes a field'],
  ])('refuses what it cannot judge: %#', (source, reason) => {
    expect(ask(source)).toContain(reason);
  });
});
