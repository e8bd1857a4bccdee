/** Where a client learns how to identify itself (RFC 6750, RFC 9728; `mcp.md` §3). */
import { closingHeaders, discardBody, sendJson } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { CallContext, TokenRefusal } from './ports.ts';
import { countRefusal } from './record.ts';
import { watchRefusedToken } from './watch.ts';

const metadataPrefix = '/.well-known/oauth-protected-resource';

const descriptions: Readonly<Record<TokenRefusal, string>> = {
  token_missing: 'a bearer token is required',
  token_malformed: 'the token is no signed JWT',
  token_expired: 'the token has expired',
  token_audience: 'the token is for another server',
  token_issuer: 'the token comes from an issuer that is not accepted here',
  token_signature: 'the signature of the token does not verify',
  token_algorithm: 'the algorithm of the token is not accepted',
  token_claims: 'the token lacks a claim that is needed, or is not valid yet',
  token_too_long: 'the token is too long',
  token_lifetime: 'the token lives longer than tokens of its issuer may',
  token_subject: 'the subject of the token is not accepted from its issuer',
  token_revoked: 'the token has been revoked',
};

/** 401. Counted, not recorded one by one: nobody has been identified. */
export function challenge(context: CallContext, exchange: Exchange, reason: TokenRefusal): void {
  const { res } = exchange;
  context.tally.add('unidentified');
  countRefusal(context, exchange, reason);
  watchRefusedToken(context, exchange, reason);
  const description = descriptions[reason];
  const error = reason === 'token_missing' ? '' : `, error="invalid_token", error_description="${description}"`;
  // The path form: some clients accept only metadata whose resource is the exact URL that was typed.
  const metadata = `${baseUrl(exchange)}${metadataPrefix}${exchange.path === '/' ? '' : exchange.path}`;
  const body = JSON.stringify({ error: 'invalid_token', error_description: description });
  sendJson(res, 401, body, {
    'www-authenticate': `Bearer resource_metadata="${metadata.replaceAll(/["\\]/g, encodeURIComponent)}"${error}`,
    ...closingHeaders(res),
  });
  discardBody(res);
}

/** RFC 9728 metadata. `resource` is the URL that this client typed: it refuses any other. */
export function answerWellKnown(context: CallContext, exchange: Exchange): void {
  const { path, res } = exchange;
  const suffix = path.startsWith(metadataPrefix) ? path.slice(metadataPrefix.length) : undefined;
  const known = suffix === '' || suffix?.startsWith('/') === true;
  context.refusals.count({
    source: 'answered',
    reason: known ? 'resource_metadata' : 'well_known',
    origin: exchange.entry.origin,
  });
  if (!known) return sendJson(res, 404, JSON.stringify({ error: 'not_found' }));
  const metadata = {
    resource: `${baseUrl(exchange)}${suffix}`,
    authorization_servers: context.tokens.authorizationServers(),
    bearer_methods_supported: ['header'],
  };
  // A browser-based client reads this across origins; it holds nothing secret.
  return sendJson(res, 200, JSON.stringify(metadata), { 'access-control-allow-origin': '*' });
}

/** The Host has been checked against the allow-list. */
function baseUrl({ req }: Exchange): string {
  return `http://${req.headers.host ?? 'localhost'}`;
}
