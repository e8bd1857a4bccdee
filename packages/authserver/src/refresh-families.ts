import { createHash, randomBytes } from 'node:crypto';
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { AdapterOptions } from './provider-adapter.ts';
import type { NewEntry } from './sealed-entries.ts';

const kind = 'RefreshToken';
const tokenPattern = /^([A-Za-z0-9_-]{20,64})~[A-Za-z0-9_-]{43}$/;

/** A refresh token that says which login it belongs to, so that a token of long ago still leads to its family. */
export function createRefreshTokenId(grantId: string): string {
  return `${grantId}~${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a family: its newest token's digest, and that token's facts. */
interface Family {
  readonly current: string;
  readonly payload: AdapterPayload;
}

/**
 * Refresh tokens, one entry for each login however often it refreshes: every five minutes for hours and for everybody,
 * entries of used tokens would fill the store. A token of the family that is not the newest was used before; it is found as
 * `consumed`, on which the library revokes the family (OAuth 2.1 section 4.3.1).
 */
export function createRefreshAdapter({ entries, clock }: AdapterOptions): Adapter {
  const findFamily = async (grantId: string) => {
    const entry = await entries.read(kind, grantId);
    return entry === undefined ? undefined : { ...entry, family: parseFamily(entry.text) };
  };
  return {
    async upsert(id, payload, expiresIn = 0) {
      const { jti: _jti, ...rest } = payload;
      const entry = toEntry({ current: digest(id), payload: rest }, clock.nowMs() + expiresIn * 1000);
      await entries.write(grantOf(id) ?? '', entry);
    },
    async find(id) {
      const grantId = grantOf(id);
      const found = grantId === undefined ? undefined : await findFamily(grantId);
      if (found === undefined) return undefined;
      const { current, payload } = found.family;
      return current === digest(id) ? { ...payload, jti: id } : { ...payload, jti: id, consumed: 1 };
    },
    async consume(id) {
      const grantId = grantOf(id) ?? '';
      const found = await findFamily(grantId);
      if (found?.family.current === digest(id) && found.family.payload.consumed === undefined) {
        const consumed = Math.floor(clock.nowMs() / 1000);
        const family = { ...found.family, payload: { ...found.family.payload, consumed } };
        if (await entries.replace(grantId, toEntry(family, found.expiresAtMs), found.version)) return;
      }
      // Somebody was faster by less than a request. Who tries once more is found reusing, and ends the family then.
      throw new errors.InvalidGrant('already consumed');
    },
    destroy: (id) => entries.remove(kind, grantOf(id) ?? ''),
    revokeByGrantId: (grantId) => entries.removeAll('grant', grantId),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}

function toEntry(family: Family, expiresAtMs: number): NewEntry {
  const { grantId, accountId } = family.payload;
  const indexes = {
    ...(grantId === undefined ? {} : { grant: grantId }),
    ...(accountId === undefined ? {} : { subject: accountId }),
  };
  return { kind, text: JSON.stringify(family), expiresAtMs, indexes };
}

function grantOf(id: string): string | undefined {
  return tokenPattern.exec(id)?.[1];
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

function parseFamily(text: string): Family {
  // Sealed by us under this name: nobody else can have written it.
  const family: Family = JSON.parse(text);
  return family;
}
