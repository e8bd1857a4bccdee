import type { MaskCrypto } from '../mask-result.ts';

/** Names values without giving them away: equal values get equal names within a session, and only there. */
export interface TokenNamer {
  /** 16 hex digits. */
  readonly tokenOf: (rule: string, value: string) => string;
  /** 32 bytes for format-preserving encryption. */
  readonly cipherKey: () => Uint8Array;
}

const maxSessions = 1000;
const digits = 16;

/** Namers by session; the keys are derived from `key`, so that knowing those of one session says nothing of another's. */
export function createTokenNamers(key: Uint8Array, { hmacSha256 }: MaskCrypto): (session: string) => TokenNamer {
  const known = new Map<string, TokenNamer>();
  return (session) => {
    const existing = known.get(session);
    if (existing !== undefined) return existing;
    if (known.size >= maxSessions) known.clear();
    const tokenKey = fromHex(hmacSha256(key, `tachograph/mask-token/v1\n${session}`));
    const cipherKey = fromHex(hmacSha256(key, `tachograph/mask-fpe/v1\n${session}`));
    const namer: TokenNamer = {
      tokenOf: (rule, value) => hmacSha256(tokenKey, `${rule}\n${value}`).slice(0, digits),
      cipherKey: () => cipherKey,
    };
    known.set(session, namer);
    return namer;
  };
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}
