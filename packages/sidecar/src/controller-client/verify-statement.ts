import { hash } from 'node:crypto';
import { fromBase64, keyId } from '@tachograph/archive';
import {
  statement as statementSchema,
  statementText,
  trustAnswer,
  trustPayload,
  type Statement,
  type StatementType,
  type TrustPayload,
} from '@tachograph/protocol';
import { nodeCrypto } from '../record/node-crypto.ts';

/** A statement that may be believed, or why not. */
export type Verified<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: StatementRefusal };

export type StatementRefusal =
  | 'malformed'
  | 'wrong_root'
  | 'wrong_type'
  | 'unknown_key'
  | 'bad_signature'
  | 'expired'
  | 'older'
  | 'wrong_workload';

export function refuse(reason: StatementRefusal): { readonly kind: 'refused'; readonly reason: StatementRefusal } {
  return { kind: 'refused', reason };
}

/** Reads JSON text; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The payload text of a statement of this type, signed by one of `keys` (base64 SPKI DER). Any input is safe. */
export function verifyStatement(text: string, type: StatementType, keys: readonly string[]): Verified<string> {
  const parsed = statementSchema.safeParse(parseJson(text));
  return parsed.success ? verifySigned(parsed.data, type, keys) : refuse('malformed');
}

function verifySigned(signed: Statement, type: StatementType, keys: readonly string[]): Verified<string> {
  if (signed.type !== type) return refuse('wrong_type');
  const key = keys.map(fromBase64).find((der) => der !== undefined && keyId(nodeCrypto, der) === signed.keyId);
  if (key === undefined) return refuse('unknown_key');
  const signature = fromBase64(signed.sig);
  if (signature === undefined) return refuse('bad_signature');
  const message = Buffer.from(statementText(type, signed.payload));
  return nodeCrypto.ed25519Verify(key, message, signature)
    ? { kind: 'ok', value: signed.payload }
    : refuse('bad_signature');
}

/** The answer of `GET /v1/trust`, checked against the fingerprint (`sha256:<hex>`) in the pod's own spec. Any input is safe. */
export function verifyTrust(text: string, fingerprint: string, nowMs: number): Verified<TrustPayload> {
  const answer = trustAnswer.safeParse(parseJson(text));
  if (!answer.success) return refuse('malformed');
  const { root, statement } = answer.data;
  const der = fromBase64(root);
  if (der === undefined || `sha256:${hash('sha256', der, 'hex')}` !== fingerprint) return refuse('wrong_root');
  const payload = verifySigned(statement, 'trust', [root]);
  if (payload.kind === 'refused') return payload;
  const trust = trustPayload.safeParse(parseJson(payload.value));
  if (!trust.success) return refuse('malformed');
  return Date.parse(trust.data.notAfter) > nowMs ? { kind: 'ok', value: trust.data } : refuse('expired');
}
