import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createMovableClock } from './auth-fixture.test-support.ts';
import { createLoginMemory } from './login-memory.ts';
import { createMemoryLoginStore } from './memory-login-store.test-support.ts';
import type { LoginMemory } from './login-port.ts';
import { createSealedEntries } from './sealed-entries.ts';

function createMemories(): {
  readonly memories: readonly LoginMemory[];
  readonly clock: ReturnType<typeof createMovableClock>;
} {
  const clock = createMovableClock();
  const store = createMemoryLoginStore(() => clock.nowMs());
  const keys = { signing: [], sealing: [randomBytes(32)], cookies: [] };
  const memories = Array.from({ length: 5 }, () => {
    const entries = createSealedEntries({ scope: 'tachograph://c1', store, clock, keys: () => keys });
    return createLoginMemory(entries, () => clock.nowMs());
  });
  return { memories, clock };
}

test('a value is taken once, by whichever replica', async () => {
  const { memories, clock } = createMemories();
  await memories[0]?.write('state', 'id', { text: '', expiresAtMs: clock.nowMs() + 1000 });
  expect(await memories[1]?.read('state', 'id')).toBe('');
  const taken = await Promise.all(memories.map((memory) => memory.take('state', 'id')));
  expect(taken.filter((value) => value !== undefined)).toEqual(['']);
  expect(await memories[0]?.take('state', 'id')).toBeUndefined();
  expect(await memories[0]?.read('state', 'id')).toBeUndefined();
});

test('a value whose time is over is none', async () => {
  const { memories, clock } = createMemories();
  await memories[0]?.write('state', 'id', { text: 'x', expiresAtMs: clock.nowMs() + 1000 });
  clock.moveMs(1001);
  expect(await memories[0]?.read('state', 'id')).toBeUndefined();
  expect(await memories[0]?.take('state', 'id')).toBeUndefined();
});
