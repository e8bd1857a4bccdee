import { expect, test } from '@jest/globals';
import type { Leaf } from '@tachograph/protocol';
import { admitLeaf } from './admit-leaf.ts';
import { createLogIndex } from './log-index.ts';

const by = { iss: 'https://issuer', sub: 'carol' };
const deed = { by, reason: 'case', at: '2026-11-21T10:00:00Z' };
const ref = (object: string, generation = '1') => ({ object, generation });

function placed(hold: string, objects: { object: string; generation: string }[]): Leaf {
  return { v: 1, type: 'hold.placed', hold, selection: {}, objects, part: 1, parts: 1, ...deed };
}
const released = (hold: string): Leaf => ({ v: 1, type: 'hold.released', hold, ...deed });
function purge(objects: { object: string; generation: string }[]): Leaf {
  return { v: 1, type: 'purge', purge: 'p', objects, part: 1, parts: 1, before: deed.at, at: deed.at };
}

/** What the log says to a purge after these leaves. */
function verdict(before: readonly Leaf[], objects: { object: string; generation: string }[]): unknown {
  const index = createLogIndex();
  for (const [at, leaf] of before.entries()) index.apply(leaf, { index: at, leafHash: String(at) });
  return admitLeaf(index, purge(objects), 'new');
}

const refused = { kind: 'refused', code: 'on_hold', message: expect.stringContaining('a hold keeps a') };

test('a purge of a held object is refused, and so is all that it names', () => {
  expect(verdict([placed('h', [ref('a')])], [ref('b'), ref('a')])).toEqual(refused);
});

test('so is one of another generation of it; an object that nobody holds may go', () => {
  expect(verdict([placed('h', [ref('a')])], [ref('a', '2')])).toEqual(refused);
  expect(verdict([placed('h', [ref('a')])], [ref('b')])).toEqual({ kind: 'new' });
});

test('a released hold keeps nothing, whatever comes of it later; another one still does', () => {
  expect(verdict([placed('h', [ref('a')]), released('h')], [ref('a')])).toEqual({ kind: 'new' });
  expect(verdict([placed('h', [ref('a')]), released('h'), placed('h', [ref('a')])], [ref('a')])).toEqual({
    kind: 'new',
  });
  expect(verdict([placed('h', [ref('a')]), placed('i', [ref('a')]), released('h')], [ref('a')])).toEqual(refused);
});

test('parts of a hold add up', () => {
  expect(verdict([placed('h', [ref('a')]), placed('h', [ref('b')])], [ref('a')])).toEqual(refused);
});
