import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadConditions, type Conditions } from './condition.ts';

let conditions: Conditions;
beforeAll(async () => {
  conditions = await loadConditions();
});

const server = { cluster: 'c', namespace: 'n', workload: 'w' };
const pieces = [
  'call',
  'caller',
  'server',
  'time',
  'guard',
  'x',
  'arguments',
  'name',
  'groups',
  'subject',
  'a',
  'b',
  '.',
  '[',
  ']',
  '(',
  ')',
  ',',
  '"',
  "'",
  '{',
  '}',
  ':',
  '?',
  ' ',
  '==',
  '!=',
  '<',
  '>=',
  '&&',
  '||',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  ' in ',
  '1',
  '0',
  '9223372036854775808',
  '1.5',
  '2u',
  'true',
  'null',
  '"text"',
  'r"x"',
  'b"y"',

  'has(',
  '.all(x, ',
  '.exists(x, ',
  '.map(x, ',
  '.filter(x, ',
  '.matches("',
  '.size()',
  'type(',
  'timestamp(',
  '@bounded(',
  'call.arguments',
  'call.arguments.a',
  'call.arguments.list',
  'caller.groups',
  '\ud800',
  '\u0000',
  '//',
  '\n',
];
const source = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...pieces), fc.constantFrom('==', '<', '&&', ' in '), fc.constantFrom(...pieces))
    .map((parts) => parts.join('')),
);

test('no source makes compiling throw, and no arguments a condition', () => {
  let compiled = 0;
  fc.assert(
    fc.property(source, fc.jsonValue(), (when, args) => {
      const result = conditions.compile(when);
      if (result.kind === 'refused') return result.reason.length > 0;
      compiled += 1;
      const call = {
        method: 'tools/call',
        tool: 't',
        subject: 's',
        subjectType: 'human',
        groups: ['g'],
        timeMs: 1,
      } as const;
      const outcome = result.condition(conditions.variablesOf({ ...call, readArguments: () => args }, server));
      return ['true', 'false', 'failed'].includes(outcome);
    }),
    { numRuns: 5000 },
  );
  expect(compiled).toBeGreaterThan(100);
});
