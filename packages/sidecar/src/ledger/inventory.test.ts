import { describe, expect, test } from '@jest/globals';
import { createInventory, type Definition } from './inventory.ts';
import { compilePins, noPins } from './pins.ts';

const define = (name: string, digest: string, text = `"${digest}"`): Definition => ({ name, digest, text });

describe('definitions that were looked at before', () => {
  test('are held against pins that are new', () => {
    const inventory = createInventory();
    const seen = [define('read', 'a')];
    expect(inventory.observe(noPins, 'tools', seen)).toEqual([]);
    expect(inventory.observe(noPins, 'tools', seen)).toEqual([]);
    const pins = compilePins({ pins: { read: 'b' } });
    expect(inventory.observe(pins, 'tools', seen)).toMatchObject([{ name: 'read', change: 'changed', pinned: 'b' }]);
    expect(inventory.drift(pins, 'tools', 'read')).toBe('changed');
  });

  test('still lend their texts to a diff after many others have been seen', () => {
    const inventory = createInventory();
    const seen = [define('read', 'a', '{"name":"read","title":"one"}')];
    expect(inventory.observe(noPins, 'tools', seen)).toEqual([]);
    for (let at = 0; at < 400; at += 1) {
      inventory.observe(noPins, 'tools', [define(`other-${at}`, `o${at}`, `"${'x'.repeat(7000)}"`)]);
      inventory.observe(noPins, 'tools', seen);
    }
    const [drift] = inventory.observe(noPins, 'tools', [define('read', 'b', '{"name":"read","title":"two"}')]);
    expect(drift).toMatchObject({ change: 'changed', diff: [{}] });
  });
});
