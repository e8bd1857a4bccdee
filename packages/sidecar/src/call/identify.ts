/** Step 3: who calls. Every request carries its own proof; a session or a source address is none. */
import type { Exchange, IdentityMode } from './exchange.ts';
import { countOf } from './parse-head.ts';
import type { CallContext, TokenRefusal, TokenVerdict } from './ports.ts';

/** Who says who calls. Only the cluster's policy leaves it to the application, and only settings that no pod has to nobody. */
export function identityMode({ settings, policy }: Pick<CallContext, 'settings' | 'policy'>): IdentityMode {
  return settings.off.identity ? 'off' : (policy.current()?.identity ?? 'checked');
}

/** The caller, at once where the token is known already. */
export function identify(context: CallContext, exchange: Exchange): TokenVerdict | Promise<TokenVerdict> {
  const presented = presentedToken(exchange);
  return presented.kind === 'refused' ? presented : context.tokens.check(presented.token);
}

type Presented =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal };

/** RFC 6750 §2.1, and no other way: one header, one token. */
function presentedToken({ req, path, target }: Exchange): Presented {
  if (path.length !== target.length && namesToken(target.slice(path.length + 1))) return refused('token_in_query');
  const { authorization } = req.headers;
  if (authorization === undefined) return refused('token_missing');
  if (countOf(req.rawHeaders, 'authorization') > 1) return refused('token_repeated');
  return bearerOf(authorization);
}

function bearerOf(authorization: string): Presented {
  const end = authorization.indexOf(' ');
  const scheme = (end === -1 ? authorization : authorization.slice(0, end)).toLowerCase();
  const token = end === -1 ? '' : authorization.slice(end).trim();
  if (scheme !== '' && scheme !== 'bearer') return refused('token_scheme');
  if (scheme === '' || token === '') return refused('token_missing');
  return /^[A-Za-z0-9._~+/-]+=*$/.test(token) ? { kind: 'token', token } : refused('token_malformed');
}

/** Also where its name is written with escapes. */
function namesToken(query: string): boolean {
  return new URLSearchParams(query).has('access_token');
}

function refused(reason: TokenRefusal): Presented {
  return { kind: 'refused', reason };
}
