import { tokenLimits } from '@tachograph/protocol';
import { createRevokerGate } from '../custody/custodians.ts';
import type { CustodySettings } from '../custody/custody-settings.ts';
import type { CallerReviews } from '../ports.ts';
import type { LongPoll } from '../serve/long-poll.ts';
import type { World } from '../world.ts';
import type { RevocationsApiOptions } from './revocations-api.ts';
import { startRevocations, type RevocationsOptions } from './revocations.ts';

export interface StartAccessOptions extends Omit<RevocationsOptions, 'secrets' | 'lifeMs'> {
  readonly world: Pick<World, 'secrets' | 'callerReviews'>;
  readonly settings: {
    readonly custody: Pick<CustodySettings, 'revokers'>;
    readonly auth?: { readonly refreshMs: number } | undefined;
  };
  readonly longPoll: Pick<LongPoll, 'wake'>;
}

/** What the API of access needs; `stop` ends looking for other replicas' revocations. */
export interface Access extends Omit<RevocationsApiOptions, 'people'> {
  readonly callerReviews: CallerReviews | undefined;
  stop(): void;
}

/** A revocation wakes the sidecars that wait for the statement of accepted issuers. */
export async function startAccess(options: StartAccessOptions): Promise<Access> {
  const { world, settings, longPoll } = options;
  // A login that nobody uses can come back as late as its refresh token expires.
  const lifeMs = Math.max(tokenLimits.lifetimeSeconds * 1000, settings.auth?.refreshMs ?? 0);
  const revocations = await startRevocations({ ...options, secrets: world.secrets, lifeMs });
  const stopWaking = revocations.onChange(() => longPoll.wake());
  return {
    revocations,
    requireRevoker: createRevokerGate(settings.custody.revokers),
    callerReviews: world.callerReviews,
    stop() {
      stopWaking();
      revocations.stop();
    },
  };
}
