/** Where a client learns how to identify itself (RFC 6750; `mcp.md` §3). */
import { readableByCaller } from '../auth-proxy/cross-origin.ts';
import { closingHeaders, discardBody, sendJson } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { CallContext, TokenRefusal } from './ports.ts';
import { countRefusal } from './record.ts';
import { metadataUrl } from './resource-metadata.ts';
import { watchRefusedToken } from './watch.ts';

/** RFC 6750 §3.1. Without `error`: nothing was presented that could be wrong. */
interface Challenge {
  readonly status: 400 | 401;
  readonly error?: 'invalid_request' | 'invalid_token';
  readonly text: string;
}

const unidentified = (text: string): Challenge => ({ status: 401, text });
const invalidToken = (text: string): Challenge => ({ status: 401, error: 'invalid_token', text });
const invalidRequest = (text: string): Challenge => ({ status: 400, error: 'invalid_request', text });

const challenges: Readonly<Record<TokenRefusal, Challenge>> = {
  token_missing: unidentified('a bearer token is required'),
  token_scheme: unidentified('a bearer token is required; other schemes are not understood'),
  token_repeated: invalidRequest('a request has one Authorization header'),
  token_in_query: invalidRequest('a token belongs in the Authorization header, not in the URL'),
  token_malformed: invalidToken('the token is no signed JWT'),
  token_expired: invalidToken('the token has expired'),
  token_audience: invalidToken('the token is for another server'),
  token_issuer: invalidToken('the token comes from an issuer that is not accepted here'),
  token_signature: invalidToken('the signature of the token does not verify'),
  token_algorithm: invalidToken('the algorithm of the token is not accepted'),
  token_claims: invalidToken('the token lacks a claim that is needed, or is not valid yet'),
  token_too_long: invalidToken('the token is too long'),
  token_lifetime: invalidToken('the token lives longer than tokens of its issuer may'),
  token_subject: invalidToken('the subject of the token is not accepted from its issuer'),
  token_revoked: invalidToken('the token has been revoked'),
};

/** 401, or 400 for a request that no token could save. Counted, not recorded one by one: nobody has been identified. */
export function challenge(context: CallContext, exchange: Exchange, reason: TokenRefusal): void {
  const { req, res } = exchange;
  context.tally.add('unidentified');
  countRefusal(context, exchange, reason);
  watchRefusedToken(context, exchange, reason);
  const { status, error, text } = challenges[reason];
  const body = JSON.stringify({ error: error ?? 'invalid_token', error_description: text });
  sendJson(res, status, body, {
    'www-authenticate': challengeText(context, exchange, challenges[reason]),
    ...readableByCaller(req),
    ...closingHeaders(res),
  });
  discardBody(res);
}

/** Bearer comes first and alone: some clients read no other place, and a scope that is named here is the one they ask for. */
function challengeText(context: CallContext, exchange: Exchange, { error, text }: Challenge): string {
  const scope = context.loginServers.scope();
  return [
    `Bearer resource_metadata="${metadataUrl(context, exchange).replaceAll(/["\\]/g, encodeURIComponent)}"`,
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${text}"`]),
  ].join(', ');
}
