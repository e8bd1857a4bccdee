import { expect, test } from '@jest/globals';
import { argumentsReadBy, conditionArguments } from './judged-arguments.ts';

test.each([
  ['call.arguments.amount > 100', ['amount']],
  [
    'has(call.arguments.to) && call.arguments["cc list"] == "x" || call.arguments[\'b\'].size() > 1',
    ['to', 'cc list', 'b'],
  ],
  ['call . arguments . a == 1', ['a']],
  ['call.name == "x" && caller.subject == "y"', []],
])('%s reads these arguments', (when, names) => {
  expect(argumentsReadBy(when)).toEqual(new Set(names));
});

test.each([
  'call.arguments == {}',
  'call.arguments.exists(k, k == "a")',
  'call.arguments.size () > 2',
  'names.exists(k, call.arguments[k] == "a")',
  'size(call) > 1',
  '"arguments" in call',
  'call["arguments"].a == 1',
  'call.?arguments.a',
  'call // the call\n .arguments.a == 1',
  'call.arguments["a\\"b"] == 1',
])('%s may read all', (when) => {
  expect(argumentsReadBy(when)).toBe('all');
});

test('all rules of a bundle count', () => {
  const rule = { policy: 'p', verdict: 'allow' as const };
  const rules = [
    { ...rule, name: 'a', when: 'call.arguments.a' },
    { ...rule, name: 'b' },
    { ...rule, name: 'c', when: 'call.arguments.c' },
  ];
  expect(conditionArguments({ rules })).toEqual(new Set(['a', 'c']));
  expect(conditionArguments({ rules: [...rules, { ...rule, name: 'd', when: 'call' }] })).toBe('all');
});
