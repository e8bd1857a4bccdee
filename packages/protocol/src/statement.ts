/** Signed statements: what a sidecar believes (`contracts.md`, Trust). The payload is carried as text, so that nothing needs canonical JSON. */
import * as z from 'zod/mini';

/** What is signed this way. The type is under the signature: a statement of one cannot pass as another. */
export const statementTypes = ['trust', 'bundle', 'jwks'] as const;
export type StatementType = (typeof statementTypes)[number];

/** `sig`: base64 Ed25519 over `statementText(type, payload)`. `keyId`: first 32 hex digits of SHA-256 of the SPKI DER. */
export const statement = z.object({
  type: z.enum(statementTypes),
  payload: z.string(),
  keyId: z.string(),
  sig: z.string(),
});
export type Statement = z.infer<typeof statement>;

/** The bytes that a statement's signature covers. */
export function statementText(type: StatementType, payload: string): string {
  return `tachograph/${type}/v1\n${payload}`;
}

/** Signed by the trust root; names the keys and TLS roots that sidecars use. */
export const trustPayload = z.object({
  v: z.literal(1),
  cluster: z.string(),
  issuedAt: z.string(),
  notAfter: z.string(),
  /** PEM certificates of the controller's serving authority: old and new while rotating. */
  tlsRoots: z.array(z.string()),
  /** Base64 SPKI DER of the keys that sign bundles and key sets. */
  bundleKeys: z.array(z.string()),
  /** C2SP vkey of the log, so that `tacho trust export` can write a verifier's policy. */
  logKeys: z.array(z.string()),
});
export type TrustPayload = z.infer<typeof trustPayload>;

/** Answer of `GET /v1/trust`. `root`: base64 SPKI DER, to be checked against the fingerprint in the pod's spec. */
export const trustAnswer = z.object({ root: z.string(), statement });
export type TrustAnswer = z.infer<typeof trustAnswer>;

/** Accepted issuers with their keys, signed like a bundle: the sidecar contacts no issuer itself. */
export const jwksPayload = z.object({
  v: z.literal(1),
  issuedAt: z.string(),
  notAfter: z.string(),
  issuers: z.array(
    z.object({
      issuer: z.string(),
      /**
       * Of the auth server alone: where clients find it, `https://<host>/as/<namespace>/<workload>`. Absent: there is no
       * ingress, and each sidecar forwards it on the host that its client typed.
       */
      publicUrl: z.optional(z.string()),
      subjectType: z.enum(['human', 'workload', 'ci']),
      /** Accepted audiences beside the workload's URI. */
      audiences: z.array(z.string()),
      /** Name of the claim that holds groups. */
      groupsClaim: z.optional(z.string()),
      /** Globs over `sub`; absent: every subject. An issuer that serves other companies too needs them. */
      subjects: z.optional(z.array(z.string())),
      /** Longest life (`exp` - `iat`) of a token; absent: `tokenLimits.lifetimeSeconds`. */
      maxLifetimeSeconds: z.optional(z.int().check(z.positive())),
      /** A token is accepted only while the controller's last review of it is at most 60 s old. */
      review: z.optional(z.boolean()),
      keys: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
  /** Tokens of these subjects that were issued before a time (RFC 3339) are refused. Absent: none. */
  revoked: z.optional(z.array(z.object({ sub: z.string(), iss: z.optional(z.string()), before: z.string() }))),
});
export type JwksPayload = z.infer<typeof jwksPayload>;
