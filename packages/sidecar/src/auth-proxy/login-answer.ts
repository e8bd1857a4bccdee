/** What of the auth server's answer a client gets: an allow-list, as of the request. */
import type { ServerResponse } from 'node:http';
import { isJsonObject, loginPageHost } from '@tachograph/protocol';
import { parseJson } from '../controller-client/verify-statement.ts';
import type { LoginAnswer } from './login-port.ts';
import { originOf } from './login-request.ts';
import type { LoginRoute } from './login-routes.ts';

type Answered = Extract<LoginAnswer, { kind: 'answer' }>;

/** `failed`: nothing of the answer may go on. */
export type CheckedAnswer =
  | { readonly kind: 'passed'; readonly status: number; readonly headers: AnswerHeaders; readonly body: Buffer }
  | { readonly kind: 'failed'; readonly why: 'busy' | 'unknown' | 'unavailable' | 'unfit' };

export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

const always = ['content-type', 'cache-control', 'pragma', 'retry-after', 'www-authenticate'] as const;
const ofPages = [
  'content-language',
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'location',
  'permissions-policy',
  'referrer-policy',
  'x-frame-options',
] as const;

export function checkAnswer(res: ServerResponse, route: LoginRoute, answer: Answered): CheckedAnswer {
  if (answer.status >= 502 && !(route.isPage && isOwnPage(answer))) return { kind: 'failed', why: 'unavailable' };
  if (route.isPage) return page(answer);
  return route.endpoint === 'callback' ? sentOn(res, answer) : document(answer);
}

/** The auth server's page says what is down (the company's provider: 502, 503); something in between says it of the controller. */
function isOwnPage({ headers }: Answered): boolean {
  const { 'content-type': type = '', 'content-security-policy': policy } = headers;
  return type.startsWith('text/html') && policy !== undefined;
}

/** Browsers render it, on a host of its own. */
function page({ status, headers, body }: Answered): CheckedAnswer {
  const kept: Record<string, string | readonly string[]> = {
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    ...pick(headers, [...always, ...ofPages]),
    'x-content-type-options': 'nosniff',
  };
  // A cookie of the host alone: one with a domain would be the application's, too.
  const cookies = (headers['set-cookie'] ?? []).filter((cookie) => !/;\s*domain\s*=/i.test(cookie));
  if (cookies.length > 0) kept['set-cookie'] = cookies;
  return { kind: 'passed', status, headers: kept, body };
}

/** The company's provider sends browsers to the host that it knows; from there they go to that of the pages at once. */
function sentOn({ req }: ServerResponse, { status, headers }: Answered): CheckedAnswer {
  const { location } = headers;
  const port = /:\d+$/.exec(originOf(req.headers))?.[0] ?? '';
  const isOurs = location?.startsWith(`http://${loginPageHost}${port}/as/`) === true;
  if (status < 302 || status > 303 || location === undefined || !isOurs) return { kind: 'failed', why: 'unfit' };
  return {
    kind: 'passed',
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: Buffer.alloc(0),
  };
}

/** JSON for programs, and nothing else: a browser must have nothing to render on the application's own origin. */
function document({ status, headers, body }: Answered): CheckedAnswer {
  if (status >= 300 && status < 400) return { kind: 'failed', why: 'unfit' };
  const isJson = body.length === 0 || /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
  if (!isJson) return { kind: 'failed', why: status === 404 ? 'unknown' : 'unfit' };
  if (status >= 400 && oauthError(body) === undefined) return { kind: 'failed', why: reasonOf(status) };
  const kept = { 'cache-control': 'no-store', ...pick(headers, always), 'x-content-type-options': 'nosniff' };
  return { kind: 'passed', status, headers: kept, body };
}

/** The controller's own refusals are about the sidecar, not about its client. */
function reasonOf(status: number): 'busy' | 'unknown' | 'unavailable' {
  if (status === 429) return 'busy';
  return status === 404 ? 'unknown' : 'unavailable';
}

/** The error code of RFC 6749; `undefined`: it is no such body. */
export function oauthError(body: Buffer): string | undefined {
  const value = parseJson(body.toString());
  const error = isJsonObject(value) ? value['error'] : undefined;
  return typeof error === 'string' ? error : undefined;
}

function pick(headers: Answered['headers'], names: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}
