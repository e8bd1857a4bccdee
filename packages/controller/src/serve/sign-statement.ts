import { statementText, type Statement, type StatementType } from '@tachograph/protocol';
import type { SigningKey } from '../keys/signing-key.ts';

/** Signs a statement over the payload's exact text. */
export function signStatement(type: StatementType, payload: unknown, key: SigningKey): Statement {
  const text = JSON.stringify(payload);
  return { type, payload: text, keyId: key.keyId, sig: key.sign(statementText(type, text)).toString('base64') };
}

/** Statements live 1 h and are signed anew every 20 min (`contracts.md`, Bundles). */
export const statementLifeMs = 3_600_000;
export const resignEveryMs = 1_200_000;

/** Validity of what is signed now. It starts with the 20-minute slot, so that all replicas sign the same bytes. */
export function currentValidity(nowMs: number): {
  readonly slot: number;
  readonly issuedAt: string;
  readonly notAfter: string;
} {
  const slot = Math.floor(nowMs / resignEveryMs);
  const issuedMs = slot * resignEveryMs;
  return {
    slot,
    issuedAt: new Date(issuedMs).toISOString(),
    notAfter: new Date(issuedMs + statementLifeMs).toISOString(),
  };
}
