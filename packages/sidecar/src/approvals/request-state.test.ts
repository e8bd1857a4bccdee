import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOwnState, openState, sealState, type StateBinding } from './request-state.ts';

const key = randomBytes(32);
const binding: StateBinding = {
  workload: 'tachograph://c/n/w',
  tool: 'echo',
  iss: 'i',
  sub: 'alice',
  clientId: 'c',
  bundle: 'b',
};
const state = { approval: 'a', digest: 'd', expiresMs: 1000, round: 1 };

describe('a sealed state', () => {
  test('opens for what it was sealed for', () => {
    const sealed = sealState(key, binding, state);
    expect(isOwnState(sealed)).toBe(true);
    expect(openState(key, binding, sealed, 999)).toEqual(state);
    expect(sealState(key, binding, state)).not.toBe(sealed);
  });

  test('does not open after its time, or under another key', () => {
    const sealed = sealState(key, binding, state);
    expect(openState(key, binding, sealed, 1000)).toBeUndefined();
    expect(openState(randomBytes(32), binding, sealed, 0)).toBeUndefined();
  });

  test.each(['workload', 'tool', 'iss', 'sub', 'clientId', 'bundle'] as const)('is bound to the %s', (field) => {
    expect(openState(key, { ...binding, [field]: 'other' }, sealState(key, binding, state), 0)).toBeUndefined();
  });

  test('does not open with any changed byte', () => {
    const sealed = sealState(key, binding, state);
    const prefix = sealed.slice(0, 13);
    const text = sealed.slice(13);
    const bytes = Buffer.from(text, 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(openState(key, binding, prefix + changed.toString('base64url'), 0)).toBeUndefined();
      }),
    );
  });

  test('is told from anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(openState(key, binding, `tachograph.1.${text}`, 0)).toBeUndefined();
        expect(openState(key, binding, text, 0)).toBeUndefined();
      }),
    );
  });
});
