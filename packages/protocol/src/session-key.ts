/** Bodies sealed by a key of their session (`archive-format.md`, Sealed bodies): what erases them under a lock is the end of the key. */
import * as z from 'zod/mini';

/** The only algorithm: AES-256-GCM, the sealed bytes being nonce (12) ‖ ciphertext ‖ tag (16). */
export const bodyCipher = 'A256GCM';

/** Length of a session's key, in bytes. */
export const sessionKeyBytes = 32;

/** What the tag covers beside the body: a body cannot stand in another session's place. */
export function bodyContext(stream: string, session: string): string {
  return `tachograph/body/v1\n${stream}\n${session}\n`;
}

/** `PUT /v1/session-keys/<session>`, from the session's recorder, before the first segment that needs it. `key`: base64. */
export const sessionKeyRequest = z.object({
  stream: z.string(),
  key: z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/)),
});

export type SessionKeyRequest = z.infer<typeof sessionKeyRequest>;

/** Path of `sessionKeyRequest`. */
export function sessionKeyPath(session: string): string {
  return `/v1/session-keys/${session}`;
}
