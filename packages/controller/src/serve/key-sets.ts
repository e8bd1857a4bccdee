import type { JwksPayload, WorkloadRef } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { IssuerKeys, Issuers } from '../ports.ts';
import type { SignedAnswer } from './signed-answer.ts';
import { currentValidity, signStatement } from './sign-statement.ts';

export interface KeySetsOptions {
  readonly issuers: Issuers;
  /** Issuers of one workload alone: its auth server. */
  readonly issuersOf?: (workload: WorkloadRef) => readonly IssuerKeys[];
  readonly revoked?: () => NonNullable<JwksPayload['revoked']>;
  readonly key: SigningKey;
  readonly clock: Clock;
}

/** Of a workload, or of a pod of which none is known. */
export type KeySets = (workload: WorkloadRef | undefined) => SignedAnswer;

/** `GET /v1/jwks`: the issuers that a workload accepts with their keys, and what is revoked of their tokens, signed like a bundle. */
export function createKeySets(options: KeySetsOptions): KeySets {
  const { issuers, issuersOf = () => [], revoked = () => [], key, clock } = options;
  return (workload) => {
    const { slot, issuedAt, notAfter } = currentValidity(clock.nowMs());
    const own = workload === undefined ? [] : issuersOf(workload);
    const accepted = [...issuers.current(), ...own].map((one) => ({
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
