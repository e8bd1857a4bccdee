/** Every reason for which a request of the auth server is not served by the sidecar: the one table. */
import { closingHeaders, discardBody, sendJson } from '../call/answer.ts';
import type { ServerResponse } from 'node:http';

interface LoginError {
  readonly status: number;
  /** The code of RFC 6749, 7591 or 8414 that clients know, where there is one. */
  readonly error: string;
  readonly text: string;
  readonly retryAfterS?: number;
}

export const loginErrors = {
  login_unknown: { status: 404, error: 'not_found', text: 'there is nothing here' },
  login_elsewhere: {
    status: 404,
    error: 'not_found',
    text: 'This port leads to another MCP server than the one that this login is for: the program that opened this page remembers an earlier one. Make it forget this address, and log in again.',
  },
  login_method: { status: 405, error: 'invalid_request', text: 'this method is not allowed here' },
  login_origin: { status: 403, error: 'access_denied', text: 'another site must not call this one' },
  login_embedded: { status: 403, error: 'access_denied', text: 'this page opens in a window of its own only' },
  service_worker: { status: 403, error: 'access_denied', text: 'no service worker may be installed here' },
  login_too_large: { status: 413, error: 'invalid_request', text: 'the request is larger than 64 KiB' },
  login_slow: { status: 408, error: 'invalid_request', text: 'the request was not sent in time' },
  login_encoding: { status: 400, error: 'invalid_request', text: 'the body must be UTF-8 and not compressed' },
  login_busy: {
    status: 429,
    error: 'temporarily_unavailable',
    text: 'too many logins at once: try again in a moment',
    retryAfterS: 5,
  },
  login_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    text: 'the login service cannot be reached now: try again in a moment. Calls with a token that is still valid go on.',
    retryAfterS: 5,
  },
  login_unfit: {
    status: 502,
    error: 'server_error',
    text: 'the login service gave an answer that cannot be passed on',
  },
} as const satisfies Readonly<Record<string, LoginError>>;

export type LoginErrorName = keyof typeof loginErrors;

/** JSON for programs; plain text on the host of the pages, where a person reads it. */
export function sendLoginError(
  res: ServerResponse,
  name: LoginErrorName,
  isPage: boolean,
  more: Readonly<Record<string, string>> = {},
): void {
  const { status, error, text, ...rest }: LoginError = loginErrors[name];
  const headers = {
    ...(rest.retryAfterS === undefined ? {} : { 'retry-after': String(rest.retryAfterS) }),
    ...(isPage ? plainText : {}),
    'x-content-type-options': 'nosniff',
    ...closingHeaders(res),
    ...more,
  };
  sendJson(res, status, isPage ? `${text}\n` : JSON.stringify({ error, error_description: text }), headers);
  discardBody(res);
}

const plainText = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
