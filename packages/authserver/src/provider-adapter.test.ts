import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@tachograph/service';
import type { AdapterPayload } from 'oidc-provider';
import { createProviderAdapter } from './provider-adapter.ts';
import type { NewEntry, SealedEntries } from './sealed-entries.ts';

interface Written {
  readonly id: string;
  readonly entry: NewEntry;
  readonly version?: string;
}

/** Entries that keep what they are given, unsealed. */
function createPlainEntries(): { readonly entries: SealedEntries; readonly written: Written[] } {
  const written: Written[] = [];
  const last = (kind: string, id: string): Written | undefined =>
    written.findLast((one) => one.id === id && one.entry.kind === kind);
  const entries: SealedEntries = {
    async read(kind, id) {
      const found = last(kind, id);
      return found === undefined ? undefined : { ...found.entry, version: String(written.indexOf(found)) };
    },
    async write(id, entry) {
      written.push({ id, entry });
    },
    async replace(id, entry, version) {
      const current = last(entry.kind, id);
      if (current === undefined || String(written.indexOf(current)) !== version) return false;
      written.push({ id, entry, version });
      return true;
    },
    remove: async () => undefined,
    removeAll: async () => undefined,
  };
  return { entries, written };
}

const lifetimes = { unprovenSeconds: 60 };
const adapterOf = (model: string, entries: SealedEntries) =>
  createProviderAdapter(model, { entries, clock: systemClock, lifetimes });

describe('what the adapter stores', () => {
  test.each<[string, AdapterPayload]>([
    ['AuthorizationCode', { jti: 'the-secret', kind: 'AuthorizationCode', grantId: 'g', accountId: 'alice', exp: 5 }],
    ['Client', { client_id: 'the-secret', redirect_uris: ['http://localhost/'] }],
  ])('of a %s leaves the id out, and gives it back', async (model, payload) => {
    const { entries, written } = createPlainEntries();
    const adapter = adapterOf(model, entries);
    await adapter.upsert('the-secret', payload, 10);
    expect(written[0]?.entry.text).not.toContain('the-secret');
    expect(await adapter.find('the-secret')).toEqual(payload);
  });

  test.each(['Session', 'AccessToken'])('of a %s is nothing', async (model) => {
    const { entries, written } = createPlainEntries();
    const adapter = adapterOf(model, entries);
    await adapter.upsert('id', { jti: 'id' }, 10);
    expect([written, await adapter.find('id')]).toEqual([[], undefined]);
  });
});

test('a code is consumed once, against the version that was read', async () => {
  const { entries, written } = createPlainEntries();
  const adapter = adapterOf('AuthorizationCode', entries);
  await adapter.upsert('t', { jti: 't', kind: 'AuthorizationCode', grantId: 'g' }, 10);
  const outcomes = await Promise.allSettled([adapter.consume('t'), adapter.consume('t'), adapter.consume('t')]);
  expect(outcomes.map(({ status }) => status).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  expect(written.filter(({ version }) => version !== undefined)).toHaveLength(1);
  expect(await adapter.find('t')).toMatchObject({ consumed: expect.any(Number) });
  await expect(adapter.consume('t')).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(adapter.consume('unknown')).rejects.toMatchObject({ error: 'invalid_grant' });
});
