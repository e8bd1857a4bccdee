import { beforeEach, describe, expect, test } from '@jest/globals';
import { createSigningJwk } from '@tachograph/authserver';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { StillClock } from '../testing/still-clock.ts';
import { loadAuthKeyring } from './auth-keyring.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('keys of the auth server', () => {
  let secrets: Secrets;
  let clock: StillClock;
  beforeEach(() => {
    secrets = createMemorySecrets();
    clock = new StillClock();
  });

  const load = async (from = secrets) => loadAuthKeyring({ secrets: from, clock, createJwk: createSigningJwk });

  const signingNow = (keys: { signing: readonly { signsFromMs: number; jwk: { kid?: string } }[] }) =>
    keys.signing.findLast(({ signsFromMs }) => signsFromMs <= clock.nowMs())?.jwk.kid;

  test('are the same for replicas that start at once', async () => {
    const [one, two] = await Promise.all([load(), load()]);
    expect(one.keys()).toEqual(two.keys());
    expect(one.keys().signing).toHaveLength(1);
    expect(one.keys().signing[0]?.jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' });
    expect(one.keys().sealing[0]).toHaveLength(32);
  });

  test('are the same object while nothing changes', async () => {
    const ring = await load();
    const before = ring.keys();
    await clock.pass(dayMs);
    expect(await ring.refresh()).toBe(false);
    expect(ring.keys()).toBe(before);
  });

  test('a signing key is published two hours before it signs, and its forerunner stays for a day', async () => {
    const ring = await load();
    const [first] = ring.keys().signing;
    await clock.pass(30 * dayMs);
    expect(await ring.refresh()).toBe(true);
    expect(ring.keys().signing).toHaveLength(2);
    expect(signingNow(ring.keys())).toBe(first?.jwk.kid);
    await clock.pass(2 * hourMs);
    expect(signingNow(ring.keys())).not.toBe(first?.jwk.kid);
    expect(await ring.refresh()).toBe(false);
    await clock.pass(dayMs);
    expect(await ring.refresh()).toBe(true);
    expect(ring.keys().signing.map(({ jwk }) => jwk.kid)).toEqual([signingNow(ring.keys())]);
  });

  test('no replica seals with a key before all can have read it', async () => {
    const ring = await load();
    const [first] = ring.keys().sealing;
    await clock.pass(90 * dayMs);
    await ring.refresh();
    expect(ring.keys().sealing[0]).toEqual(first);
    expect(ring.keys().sealing).toHaveLength(2);
    await clock.pass(10 * 60_000);
    expect(ring.keys().sealing[0]).not.toEqual(first);
    expect(ring.keys().sealing[1]).toEqual(first);
  });

  test('replicas that rotate at once agree on one successor', async () => {
    const rings = await Promise.all([load(), load()]);
    await clock.pass(31 * dayMs);
    await Promise.all(rings.map(async (ring) => ring.refresh()));
    expect(rings[0].keys()).toEqual(rings[1].keys());
    expect(rings[0].keys().signing).toHaveLength(2);
  });

  test('a removed Secret means new keys, at once', async () => {
    const stored = new Map<string, Secrets>([['now', secrets]]);
    const removable: Secrets = {
      get: async (name) => stored.get('now')?.get(name),
      create: async (name, data) => stored.get('now')?.create(name, data) ?? 'exists',
      update: async (name, data, version) => stored.get('now')?.update(name, data, version) ?? 'conflict',
    };
    const ring = await load(removable);
    const before = ring.keys();
    stored.set('now', createMemorySecrets());
    expect(await ring.refresh()).toBe(true);
    expect(ring.keys().signing[0]?.jwk.kid).not.toBe(before.signing[0]?.jwk.kid);
    expect(signingNow(ring.keys())).toBeDefined();
  });

  test.each(['', '{}', '{"signing":[{"value":"x"}],"sealing":[],"cookies":[]}'])(
    'a Secret that holds %j stops instead of being replaced',
    async (text) => {
      await secrets.create(secretNames.authKeys, { 'keys.json': text });
      await expect(load()).rejects.toMatchObject({ code: 'internal' });
    },
  );
});
