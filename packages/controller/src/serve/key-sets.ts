import type { JwksPayload } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { Issuers } from '../ports.ts';
import type { SignedAnswer } from './signed-answer.ts';
import { currentValidity, signStatement } from './sign-statement.ts';

/** `GET /v1/jwks`: the accepted issuers with their keys and what is revoked of their tokens, signed like a bundle. */
export function createKeySets(
  issuers: Issuers,
  key: SigningKey,
  clock: Clock,
  revoked: () => NonNullable<JwksPayload['revoked']> = () => [],
): () => SignedAnswer {
  return () => {
    const { slot, issuedAt, notAfter } = currentValidity(clock.nowMs());
    const accepted = issuers.current().map((one) => ({
      ...one,
      audiences: [...one.audiences],
      subjects: one.subjects && [...one.subjects],
      keys: one.keys.map((jwk) => ({ ...jwk })),
    }));
    const payload: JwksPayload = { v: 1, issuedAt, notAfter, issuers: accepted, revoked: revoked() };
    const content = sha256Hex(JSON.stringify([accepted, payload.revoked])).slice(0, 16);
    return { etag: `"${content}-${slot}"`, statement: signStatement('jwks', payload, key) };
  };
}
