import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createServerStates, type ServerStateBinding } from './server-state.ts';

const binding: ServerStateBinding = {
  workload: 'tachograph://c/n/w',
  method: 'tools/call',
  target: 'echo',
  iss: 'i',
  sub: 'alice',
  clientId: 'c',
};
const dayMs = 86_400_000;

describe("a server's wrapped state", () => {
  test('comes back as it was, whatever it is, and cannot be read', () => {
    const states = createServerStates(() => undefined);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (state) => {
        const sealed = states.seal(binding, state, 0);
        expect(states.open(binding, sealed, dayMs - 1)).toBe(state);
        expect(states.open(binding, sealed, dayMs)).toBeUndefined();
      }),
    );
    const sealed = states.seal(binding, 'the state of the server', 0);
    expect(Buffer.from(sealed.slice('tachograph.2.'.length), 'base64url').toString('latin1')).not.toContain('server');
  });

  test.each(['workload', 'method', 'target', 'iss', 'sub', 'clientId'] as const)('is bound to the %s', (field) => {
    const states = createServerStates(() => undefined);
    expect(states.open({ ...binding, [field]: 'other' }, states.seal(binding, 's', 0), 0)).toBeUndefined();
  });

  test('opens at another pod of the workload, and after a restart, but under no other key', () => {
    const key = randomBytes(32);
    const sealed = createServerStates(() => key).seal(binding, 's', 0);
    expect(createServerStates(() => key).open(binding, sealed, 0)).toBe('s');
    expect(createServerStates(() => randomBytes(32)).open(binding, sealed, 0)).toBeUndefined();
    expect(createServerStates(() => undefined).open(binding, sealed, 0)).toBeUndefined();
  });

  test('of the time before the key came opens afterwards', () => {
    let key: Uint8Array | undefined;
    const states = createServerStates(() => key);
    const sealed = states.seal(binding, 's', 0);
    key = randomBytes(32);
    expect(states.open(binding, sealed, 0)).toBe('s');
  });

  test('is told from anything else', () => {
    const states = createServerStates(() => undefined);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(states.open(binding, text, 0)).toBeUndefined();
        expect(states.open(binding, `tachograph.2.${text}`, 0)).toBeUndefined();
      }),
    );
    const bytes = Buffer.from(states.seal(binding, 's', 0).slice('tachograph.2.'.length), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(states.open(binding, `tachograph.2.${changed.toString('base64url')}`, 0)).toBeUndefined();
      }),
    );
  });
});
