import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../testing/node-crypto.ts';
import type { ListedObject } from './archive-source.ts';
import type { InventoryEntry } from './inventory.ts';
import { PackedInventory } from './packed-inventory.ts';
import { PackedSet } from './packed-set.ts';

const names = fc.oneof(
  fc.nat({ max: 60 }).map((n) => `v1/records/dt=2026-11-21/${String(n).padStart(12, '0')}-ab.jsonl.gz`),
  fc.string({ maxLength: 3 }),
);
const objects: fc.Arbitrary<ListedObject> = fc.record(
  { name: names, size: fc.nat(), generation: fc.nat().map(String), noncurrent: fc.boolean() },
  { requiredKeys: ['name', 'size', 'generation'] },
);

/** The same by a Map. */
function modelOf(listings: readonly (readonly ListedObject[])[]): Map<string, InventoryEntry> {
  const model = new Map<string, InventoryEntry>();
  for (const { name, generation, noncurrent = false } of listings.flat()) {
    const known = model.get(name);
    if (known === undefined) model.set(name, { generations: [generation], noncurrent });
    else {
      known.generations.push(generation);
      known.noncurrent = true;
    }
  }
  for (const entry of model.values()) entry.generations.sort((a, b) => Number(a) - Number(b));
  return model;
}

function packedOf(listings: readonly (readonly ListedObject[])[]): PackedInventory {
  const packed = new PackedInventory();
  for (const listing of listings) {
    packed.beginRun();
    for (const object of listing) packed.add(object);
  }
  packed.finish();
  return packed;
}

const byName = (a: ListedObject, b: ListedObject): number => (a.name < b.name ? -1 : Number(a.name > b.name));

describe('a packed inventory', () => {
  test.each([
    ['in order', true],
    ['in any order', false],
  ])('holds what a Map would, listed %s', (_, sorted) => {
    fc.assert(
      fc.property(
        fc.array(fc.array(objects, { maxLength: 80, size: 'max' }), { maxLength: 4 }),
        fc.array(names),
        (lists, asked) => {
          const listings = sorted ? lists.map((list) => list.toSorted(byName)) : lists;
          const [packed, model] = [packedOf(listings), modelOf(listings)];
          expect([...packed]).toEqual([...model]);
          expect([...packed.keys()]).toEqual([...model.keys()]);
          expect(packed.size).toBe(model.size);
          for (const name of [...model.keys(), ...asked]) {
            expect(packed.get(name)).toEqual(model.get(name));
            expect(packed.has(name)).toBe(model.has(name));
          }
        },
      ),
    );
  });

  test('is never changed by who reads it', () => {
    const packed = packedOf([[{ name: 'a', size: 1, generation: '1' }]]);
    packed.get('a')?.generations.push('2');
    expect(packed.get('a')).toEqual({ generations: ['1'], noncurrent: false });
  });
});

test('a packed set holds what a Set would', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (added, asked) => {
      const packed = new PackedSet(nodeCrypto);
      for (const text of added) packed.add(text);
      const model = new Set(added);
      expect(packed.size).toBe(model.size);
      for (const text of [...added, ...asked]) expect(packed.has(text)).toBe(model.has(text));
    }),
  );
  const many = new PackedSet(nodeCrypto);
  for (let n = 0; n < 5000; n += 1) many.add(`${n}`);
  const found = Array.from({ length: 6000 }, (_, n) => many.has(`${n}`));
  expect([found.indexOf(false), found.lastIndexOf(true), many.size]).toEqual([5000, 4999, 5000]);
});
