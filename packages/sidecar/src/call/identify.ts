/** Step 3: who calls. Every request carries its own proof; a session or a source address is none. */
import type { Exchange } from './exchange.ts';
import type { CallContext, TokenVerdict } from './ports.ts';

/** The caller, at once where the token is known already. */
export function identify(context: CallContext, exchange: Exchange): TokenVerdict | Promise<TokenVerdict> {
  const token = bearerToken(exchange.req.headers.authorization);
  return token === undefined ? { kind: 'refused', reason: 'token_missing' } : context.tokens.check(token);
}

function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header)?.[1];
}
