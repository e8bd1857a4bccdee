import { describe, expect, test } from '@jest/globals';
import type { ObservedDefinition, ServerInventory, ToolsReport } from '@tachograph/protocol';
import { emptyInventory, observe } from './observe.ts';
import { pin, toBundleLedger } from './pin.ts';

const hex = (letter: string): string => letter.repeat(64);
const item = (name: string, letter: string): ObservedDefinition => ({
  name,
  digest: hex(letter),
  text: JSON.stringify({ name, description: letter }),
});
const list = (...items: ObservedDefinition[]): ToolsReport => ({ section: 'tools', complete: true, items });
const at = (minute: number): string => `2026-11-21T10:${String(minute).padStart(2, '0')}:00.000Z`;
const by = { iss: 'i', subject: 'carol', at: at(9) };

function after(...reports: readonly ToolsReport[]): ServerInventory {
  return reports.reduce((inventory, report, index) => observe(inventory, report, at(index)).inventory, emptyInventory);
}

describe('an inventory', () => {
  test('pins the first whole list, and no first page', () => {
    const page = observe(emptyInventory, { ...list(item('a', 'a')), complete: false }, at(0));
    expect(page).toMatchObject({ isChanged: false, inventory: emptyInventory });
    const whole = observe(emptyInventory, list(item('a', 'a'), item('b', 'b')), at(0));
    expect(whole).toMatchObject({ isChanged: true, drift: [], fresh: [] });
    expect(toBundleLedger(whole.inventory)).toEqual({ pins: { a: hex('a'), b: hex('b') } });
  });

  test('says what changed, once, and keeps the pin', () => {
    const inventory = after(list(item('a', 'a')));
    const seen = observe(inventory, list(item('a', 'b')), at(1));
    const drift = {
      section: 'tools',
      name: 'a',
      change: 'changed',
      digest: hex('b'),
      pinned: hex('a'),
      since: at(1),
      diff: [{ path: '/description', before: '"a"', after: '"b"' }],
    };
    expect(seen).toMatchObject({ isChanged: true, drift: [drift], fresh: [drift] });
    const again = observe(seen.inventory, list(item('a', 'b')), at(2));
    expect(again).toMatchObject({ isChanged: false, drift: [drift], fresh: [] });
    expect(toBundleLedger(again.inventory)).toEqual({ pins: { a: hex('a') }, drifted: ['a'] });
  });

  test('takes a definition back that is as pinned again', () => {
    const inventory = after(list(item('a', 'a')), list(item('a', 'b')), list(item('a', 'a')));
    expect(inventory.drift).toEqual([]);
    expect(toBundleLedger(inventory)).toEqual({ pins: { a: hex('a') } });
  });

  test('never pins a new tool by itself', () => {
    const inventory = after(list(item('a', 'a')), { ...list(item('c', 'c')), complete: false });
    expect(inventory.drift).toMatchObject([{ name: 'c', change: 'new' }]);
    expect(toBundleLedger(inventory)).toEqual({ pins: { a: hex('a') } });
  });

  test('keeps a tool that is no longer listed, and when it was last seen', () => {
    const inventory = after(list(item('a', 'a'), item('b', 'b')), list(item('a', 'a')));
    expect(inventory.tools).toMatchObject([
      { name: 'a', lastSeen: at(1) },
      { name: 'b', lastSeen: at(0) },
    ]);
  });

  test('writes when something was seen again only from time to time', () => {
    const inventory = after(list(item('a', 'a')));
    expect(observe(inventory, list(item('a', 'a')), at(9)).isChanged).toBe(false);
    expect(observe(inventory, list(item('a', 'a')), at(10)).isChanged).toBe(true);
  });

  test('stays within the size of an object, with every digest', () => {
    const items = Array.from({ length: 200 }, (_, index) => ({
      name: `t${index}`,
      digest: hex('a'),
      text: JSON.stringify('x'.repeat(8000)),
    }));
    const inventory = after(list(...items));
    expect(JSON.stringify(inventory).length).toBeLessThan(700_000);
    expect(Object.keys(toBundleLedger(inventory).pins ?? {})).toHaveLength(200);
  });
});

describe('pinning', () => {
  const drifted = after(list(item('a', 'a')), list(item('a', 'b')));
  const entry = { section: 'tools', name: 'a', digest: hex('b') } as const;

  test('makes the newest definition the approved one, and keeps who did it and why', () => {
    const inventory = pin(drifted, { entries: [entry], reason: 'reviewed' }, by);
    expect(inventory).toMatchObject({
      drift: [],
      tools: [{ name: 'a', pinned: hex('b'), definition: '{"name":"a","description":"b"}' }],
      approvals: [{ ...by, reason: 'reviewed', entries: [entry] }],
    });
    expect(observe(inventory, list(item('a', 'b')), at(2)).drift).toEqual([]);
    expect(observe(inventory, list(item('a', 'a')), at(2)).drift).toMatchObject([{ digest: hex('a') }]);
  });

  test('is refused for a definition that nobody has read', () => {
    const stale = { ...entry, digest: hex('c') };
    expect(() => pin(drifted, { entries: [stale], reason: 'r' }, by)).toThrow(/look at it first/);
    expect(() => pin(drifted, { entries: [{ ...entry, name: 'z' }], reason: 'r' }, by)).toThrow(/no such entry/);
  });
});
