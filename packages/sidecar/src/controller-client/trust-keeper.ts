import { readFileSync } from 'node:fs';
import type { TrustPayload } from '@tachograph/protocol';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import { writeDurably } from '../record/durable-file.ts';
import { HttpsCaller } from './https-caller.ts';
import { refuse, verifyTrust, type Verified } from './verify-statement.ts';

export interface TrustOptions {
  readonly url: string;
  /** `sha256:<hex>` of the trust root's SPKI DER. */
  readonly fingerprint: string;
  readonly cacheFile: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const timeoutMs = 10_000;

/**
 * Keeps the statement that names the controller's TLS roots and bundle keys. It is fetched without verifying TLS and
 * believed only because the trust root signed it, whose fingerprint the webhook wrote into this pod's spec.
 */
export class TrustKeeper {
  readonly #options: TrustOptions;
  readonly #caller: HttpsCaller;
  #trust: TrustPayload | undefined;

  constructor(options: TrustOptions) {
    this.#options = options;
    this.#caller = new HttpsCaller(options.url, 'unverified');
  }

  /** In force now; `undefined`: none yet, or expired. */
  current(): TrustPayload | undefined {
    const trust = this.#trust;
    return trust !== undefined && Date.parse(trust.notAfter) > this.#options.clock.nowMs() ? trust : undefined;
  }

  load(): void {
    try {
      this.#take(readFileSync(this.#options.cacheFile, 'utf8'));
    } catch {
      // No cache yet: the first start in this pod.
    }
  }

  /** Fetches it; what was believed before stays when that fails. Never rejects. */
  async refresh(): Promise<boolean> {
    const { log, cacheFile } = this.#options;
    const answer = await this.#caller.call({ method: 'GET', path: '/v1/trust', timeoutMs });
    if (answer.kind === 'unreachable' || answer.status !== 200) {
      log.debug('trust statement not fetched', { status: answer.kind === 'answer' ? answer.status : 0 });
      return false;
    }
    const text = answer.body.toString();
    const taken = this.#take(text);
    if (taken.kind === 'refused') {
      log.error('trust statement refused', { reason: taken.reason });
      return false;
    }
    try {
      await writeDurably(cacheFile, text);
    } catch (error) {
      log.warn('trust statement not cached', { err: describeError(error) });
    }
    return true;
  }

  close(): void {
    this.#caller.close();
  }

  #take(text: string): Verified<TrustPayload> {
    const verified = verifyTrust(text, this.#options.fingerprint, this.#options.clock.nowMs());
    if (verified.kind === 'refused') return verified;
    const held = this.#trust;
    if (held !== undefined && Date.parse(verified.value.issuedAt) < Date.parse(held.issuedAt)) return refuse('older');
    this.#trust = verified.value;
    return verified;
  }
}
