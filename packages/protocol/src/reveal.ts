/** An approver looks at what masking hid: asked for with a reason, recorded, and sealed for that person alone (`mcp.md` §4). */
import * as z from 'zod/mini';

/** Longest JSON text of `revealedCall` that is handed over, in UTF-8 bytes. */
export const maxRevealedBytes = 512 * 1024;

/** Who asks for a hold's hidden values may ask again, so often for one approval. */
export const maxReveals = 10;

/** How long an asked-for reveal is answered, in milliseconds: the approver's client waits for it. */
export const revealWaitMs = 35_000;

const base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]+$/));
/** A raw X25519 public key. */
const publicKey = base64url.check(z.length(43));

/** `POST /v1/approvals/<id>/reveals`. `key`: of a pair that the approver's client made for this one answer. */
export const revealRequest = z.object({
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(1024)),
  key: publicKey,
});
export type RevealRequest = z.infer<typeof revealRequest>;

/** One person's wish to see, as the approval keeps it. Nothing that was hidden is in it. */
export const approvalReveal = z.object({
  id: z.string(),
  iss: z.string(),
  subject: z.string(),
  reason: z.string(),
  key: publicKey,
  /** RFC 3339, as `sealedAt`. */
  at: z.string(),
  /** The replica at which the person waits. */
  relay: z.string(),
  /** Present once the sidecar has recorded it and handed the values over. */
  sealedAt: z.optional(z.string()),
});
export type ApprovalReveal = z.infer<typeof approvalReveal>;

/** `POST /v1/approvals/<id>/reveals/<reveal>`, from the sidecar that holds the call. `box`: see `revealText`. */
export const sealedReveal = z.object({
  digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  box: base64url.check(z.maxLength(1_000_000)),
});
export type SealedReveal = z.infer<typeof sealedReveal>;

/** What the approver gets. */
export const revealAnswer = z.object({
  reveal: approvalReveal,
  approval: z.string(),
  workload: z.string(),
  digest: z.string(),
  box: base64url,
});
export type RevealAnswer = z.infer<typeof revealAnswer>;

/** What is in the box, as JSON. `arguments`: the exact JSON text that will run. */
export const revealedCall = z.object({ tool: z.string(), arguments: z.string() });
export type RevealedCall = z.infer<typeof revealedCall>;

/** What a box is for, beside its key. */
export interface RevealBinding {
  readonly workload: string;
  /** Id of the approval. */
  readonly approval: string;
  /** Id of the reveal. */
  readonly reveal: string;
  readonly digest: string;
  /** Whose wish was recorded. */
  readonly subject: string;
}

/**
 * The associated data of a box. The box is base64url of: a raw X25519 public key of the sidecar's, made for it; AES-256-GCM
 * ciphertext; its tag (16). Key (32) and nonce (12) are HKDF-SHA-256 of the shared secret, with both public keys (the
 * sidecar's first) as salt and `tachograph/reveal/v1` as info.
 */
export function revealText({ workload, approval, reveal, digest, subject }: RevealBinding): string {
  return `tachograph/reveal/v1\n${JSON.stringify([workload, approval, reveal, digest, subject])}`;
}
