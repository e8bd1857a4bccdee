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
const bad = { kind: 'bad' };

describe("a server's wrapped state", () => {
  test('comes back as it was, whatever it is, and cannot be read', () => {
    const states = createServerStates(() => undefined);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (state) => {
        const sealed = states.seal(binding, state, 0);
        expect(states.open(binding, sealed, dayMs - 1)).toEqual({ kind: 'opened', state });
        expect(states.open(binding, sealed, dayMs)).toEqual(bad);
      }),
    );
    const sealed = states.seal(binding, 'the state of the server', 0);
    expect(Buffer.from(sealed.slice('tachograph.3.'.length), 'base64url').toString('latin1')).not.toContain('server');
  });

  test.each([
    ['workload', 'bad'],
    ['method', 'bad'],
    ['target', 'bad'],
    ['iss', 'foreign'],
    ['sub', 'foreign'],
    ['clientId', 'foreign'],
  ] as const)('is bound to the %s', (field, kind) => {
    const states = createServerStates(() => undefined);
    expect(states.open({ ...binding, [field]: 'other' }, states.seal(binding, 's', 0), 0)).toEqual({ kind });
  });

  test('opens at another pod of the workload, and after a restart, but under no other key', () => {
    const key = randomBytes(32);
    const sealed = createServerStates(() => key).seal(binding, 's', 0);
    expect(createServerStates(() => key).open(binding, sealed, 0)).toEqual({ kind: 'opened', state: 's' });
    expect(createServerStates(() => randomBytes(32)).open(binding, sealed, 0)).toEqual(bad);
    expect(createServerStates(() => undefined).open(binding, sealed, 0)).toEqual(bad);
  });

  test('of the time before the key came opens afterwards', () => {
    let key: Uint8Array | undefined;
    const states = createServerStates(() => key);
    const sealed = states.seal(binding, 's', 0);
    key = randomBytes(32);
    expect(states.open(binding, sealed, 0)).toEqual({ kind: 'opened', state: 's' });
  });

  test('is told from anything else', () => {
    const states = createServerStates(() => undefined);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(states.open(binding, text, 0)).toEqual(bad);
        expect(states.open(binding, `tachograph.3.${text}`, 0)).toEqual(bad);
      }),
    );
    const bytes = Buffer.from(states.seal(binding, 's', 0).slice('tachograph.3.'.length), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(states.open(binding, `tachograph.3.${changed.toString('base64url')}`, 0)).toEqual(bad);
      }),
    );
  });
});
