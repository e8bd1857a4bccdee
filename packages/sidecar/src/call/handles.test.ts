import { expect, test } from '@jest/globals';
import type { Principal } from '@tachograph/protocol';
import fc from 'fast-check';
import { createHandles } from './handles.ts';

const person = (sub: string): Principal => ({ iss: 'https://login.example', sub, type: 'human' });
const [alice, bob] = [person('alice'), person('bob')];

test('an id is its owner’s, somebody else’s to all others, and unknown before', () => {
  const handles = createHandles(10);
  expect(handles.whose('e1', alice)).toBe('unknown');
  handles.give('e1', alice);
  expect([handles.whose('e1', alice), handles.whose('e1', bob)]).toEqual(['own', 'foreign']);
  expect(handles.whose('e1', { ...alice, iss: 'https://other.example' })).toBe('foreign');
  expect(handles.whose('e1', { ...alice, client_id: 'another' })).toBe('own');
});

test('an id that a server gives to several is each one’s', () => {
  const handles = createHandles(10);
  handles.give('1', alice);
  handles.give('1', bob);
  expect([alice, bob, person('carol')].map((one) => handles.whose('1', one))).toEqual(['own', 'own', 'foreign']);
});

test('what was given or asked for last is remembered, and nothing else', () => {
  const handles = createHandles(3);
  for (const id of ['a', 'b', 'c']) handles.give(id, alice);
  expect(handles.whose('a', alice)).toBe('own');
  handles.give('b', alice);
  handles.give('d', alice);
  expect(['a', 'b', 'c', 'd'].map((id) => handles.whose(id, bob))).toEqual([
    'foreign',
    'foreign',
    'unknown',
    'foreign',
  ]);
});

test('of an id that is given to everybody nobody is kept away', () => {
  const handles = createHandles(10);
  for (let at = 0; at < 16; at += 1) handles.give('1', person(String(at)));
  expect(handles.whose('1', bob)).toBe('own');
});

test('never says that somebody’s id is another’s, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.constantFrom('a', 'b', 'c'))), (given) => {
      const handles = createHandles(1000);
      for (const [id, sub] of given) handles.give(id, person(sub));
      for (const [id, sub] of given) expect(handles.whose(id, person(sub))).toBe('own');
      for (const [id] of given) expect(handles.whose(id, person('d'))).toBe('foreign');
    }),
  );
});

test('long ids cost no more memory than short ones, and differ', () => {
  const handles = createHandles(10);
  const long = 'x'.repeat(1_000_000);
  handles.give(`${long}1`, alice);
  handles.give(`${long}2`, bob);
  expect([handles.whose(`${long}1`, alice), handles.whose(`${long}1`, bob)]).toEqual(['own', 'foreign']);
});
