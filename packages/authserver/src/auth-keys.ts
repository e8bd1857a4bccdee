import type { JWK } from 'jose';

/** A key that signs tokens, with the times that rotation gave it. */
export interface SigningKey {
  /** Private JWK: ES256, with `kid`. */
  readonly jwk: JWK;
  /** Since when sidecars can know it. */
  readonly publishedAtMs: number;
  /** From when it signs, while no newer one does. */
  readonly signsFromMs: number;
}

/** All keys of an installation's auth server. The same on every replica. */
export interface AuthKeys {
  readonly signing: readonly SigningKey[];
  /** 32 bytes each. The first seals; all open. */
  readonly sealing: readonly Uint8Array[];
  /** Cookies are signed by the first; all verify. */
  readonly cookies: readonly string[];
}
