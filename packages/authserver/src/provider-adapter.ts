import type { Clock } from '@tachograph/service';
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { NewEntry, SealedEntries } from './sealed-entries.ts';

/** Lifetimes of clients, which the library stores without one. */
export interface ClientLifetimes {
  /** Until its first token: registrations that lead nowhere go soon. */
  readonly unprovenSeconds: number;
}

/** Models of which nothing is kept: every login asks the company's provider anew, and access tokens are self-contained. */
const unstored: ReadonlySet<string> = new Set(['Session', 'AccessToken']);

/** What an adapter works with. */
export interface AdapterOptions {
  readonly entries: SealedEntries;
  readonly clock: Clock;
  readonly lifetimes: ClientLifetimes;
}

/**
 * oidc-provider's adapter over sealed entries. Ids are tokens and codes: they are left out of what is stored and restored
 * from the id that was asked for.
 */
export function createProviderAdapter(model: string, options: AdapterOptions): Adapter {
  if (unstored.has(model)) return forgetfulAdapter;
  const { entries, clock, lifetimes } = options;
  const toEntry = (payload: AdapterPayload, expiresAtMs: number): NewEntry => ({
    kind: model,
    text: JSON.stringify(withoutId(payload)),
    expiresAtMs,
    indexes: indexesOf(model, payload),
  });
  const revoke = (grantId: string): Promise<void> => entries.removeAll('grant', grantId);
  return {
    async upsert(id, payload, expiresIn = lifetimes.unprovenSeconds) {
      const expiresAtMs = clock.nowMs() + expiresIn * 1000;
      const entry = toEntry(payload, expiresAtMs);
      await entries.write(id, model === 'Grant' ? { ...entry, indexes: { ...entry.indexes, grant: id } } : entry);
    },
    async find(id) {
      const entry = await entries.read(model, id);
      return entry === undefined ? undefined : withId(model, id, parsePayload(entry.text));
    },
    async consume(id) {
      const entry = await entries.read(model, id);
      const payload = entry === undefined ? undefined : parsePayload(entry.text);
      if (entry !== undefined && payload !== undefined && payload.consumed === undefined) {
        const consumed = { ...payload, consumed: Math.floor(clock.nowMs() / 1000) };
        if (await entries.replace(id, toEntry(consumed, entry.expiresAtMs), entry.version)) return;
      }
      // Somebody was faster by less than a request. Who tries once more is found reusing, and ends the family then.
      throw new errors.InvalidGrant('already consumed');
    },
    destroy: (id) => entries.remove(model, id),
    revokeByGrantId: revoke,
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}

const forgetfulAdapter: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
};

function withoutId(payload: AdapterPayload): AdapterPayload {
  const { jti: _jti, client_id: _clientId, ...rest } = payload;
  return rest;
}

function withId(model: string, id: string, payload: AdapterPayload): AdapterPayload {
  return model === 'Client' ? { ...payload, client_id: id } : { ...payload, jti: id };
}

function indexesOf(model: string, payload: AdapterPayload): NonNullable<NewEntry['indexes']> {
  const { grantId, accountId } = payload;
  if (model === 'Client') return {};
  return {
    ...(grantId === undefined ? {} : { grant: grantId }),
    ...(accountId === undefined ? {} : { subject: accountId }),
  };
}

function parsePayload(text: string): AdapterPayload {
  // Sealed by us under this model's name: nobody else can have written it.
  const payload: AdapterPayload = JSON.parse(text);
  return payload;
}
