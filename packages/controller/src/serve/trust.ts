import type { TrustAnswer, TrustPayload } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { SigningKey } from '../keys/signing-key.ts';
import type { LogPort } from '../sequencer/log-port.ts';
import { signStatement } from './sign-statement.ts';

export interface TrustOptions {
  readonly cluster: string;
  readonly root: SigningKey;
  readonly bundleKey: SigningKey;
  /** PEM roots of the serving authority now. */
  readonly tlsRoots: () => readonly string[];
  readonly sequencer: Pick<LogPort, 'status'>;
  readonly clock: Clock;
}

/** A trust statement is kept in the spool, so that a sidecar starts while the controllers are down. */
const trustLifeMs = 30 * 86_400_000;

/** The log's key may be followed by another (`key.log`): it is asked for again after this long. */
const logKeysLifeMs = 30_000;

/** Answers `GET /v1/trust`. The log's key is left out while no sequencer has ever answered. */
export function createTrust(options: TrustOptions): () => Promise<TrustAnswer> {
  let logKeys: readonly string[] = [];
  let askedMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = options.clock.nowMs();
    if (logKeys.length === 0 || now - askedMs >= logKeysLifeMs) {
      askedMs = now;
      logKeys = (await logKeysOf(options.sequencer)) ?? logKeys;
    }
    const payload: TrustPayload = {
      v: 1,
      cluster: options.cluster,
      issuedAt: new Date(now).toISOString(),
      notAfter: new Date(now + trustLifeMs).toISOString(),
      tlsRoots: [...options.tlsRoots()],
      bundleKeys: [Buffer.from(options.bundleKey.publicKey).toString('base64')],
      logKeys: [...logKeys],
    };
    const root = Buffer.from(options.root.publicKey).toString('base64');
    return { root, statement: signStatement('trust', payload, options.root) };
  };
}

async function logKeysOf(sequencer: Pick<LogPort, 'status'>): Promise<readonly string[] | undefined> {
  try {
    return [(await sequencer.status()).vkey];
  } catch {
    return undefined;
  }
}
