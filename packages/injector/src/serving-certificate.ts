/** Keeps a serving certificate that the API server accepts: any replica issues its own, so serving needs no leader. */
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { SharedKeys } from './authority.ts';
import { issueLeaf, lifeOf, type CertifiedKey } from './certificates.ts';

export interface ServingOptions {
  /** DNS names of the Service. */
  readonly names: readonly string[];
  readonly load: () => Promise<SharedKeys>;
  /** Writes the bundle into the webhook configurations; throws when one cannot be written. */
  readonly publish: (caBundle: string) => Promise<void>;
  /** Takes the certificate into use. */
  readonly serve: (leaf: CertifiedKey) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ServingCertificate {
  /** One round: read, publish, issue when due. Never throws. */
  refresh(): Promise<void>;
  /** Why the API server could not call us now; `undefined`: it can. */
  problem(): string | undefined;
  /** The shared nonce key, once known. */
  nonceKey(): string | undefined;
}

const leafLifeMs = 7 * 86_400_000;

export function createServingCertificate(options: ServingOptions): ServingCertificate {
  const { names, load, publish, serve, clock, log } = options;
  let leaf: CertifiedKey | undefined;
  let signedBy = '';
  let published = false;
  let nonceKey: string | undefined;

  const isDue = (signer: CertifiedKey): boolean =>
    leaf === undefined || signedBy !== signer.cert || lifeOf(leaf.cert).renewMs <= clock.nowMs();
  const round = async (): Promise<void> => {
    const shared = await load();
    nonceKey = shared.nonceKey;
    await publish(shared.caBundle);
    published = true;
    if (!isDue(shared.signer)) return;
    leaf = await issueLeaf(shared.signer, names, { fromMs: clock.nowMs(), lifeMs: leafLifeMs });
    signedBy = shared.signer.cert;
    serve(leaf);
    log.info('serving certificate issued', { until: new Date(lifeOf(leaf.cert).untilMs).toISOString() });
  };
  return {
    async refresh() {
      try {
        await round();
      } catch (error) {
        log.warn('certificate round failed', { err: describeError(error) });
      }
    },
    problem() {
      if (leaf === undefined) return 'no serving certificate yet';
      if (lifeOf(leaf.cert).untilMs <= clock.nowMs()) return 'the serving certificate has expired';
      return published ? undefined : 'the webhook configurations do not trust the certificate yet';
    },
    nonceKey: () => nonceKey,
  };
}
