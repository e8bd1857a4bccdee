/**
 * The auth server through the sidecar, where no ingress leads to it (`mcp.md` §3): the same port that the client calls.
 * Nobody is identified here, so exchanges are counted, never recorded one by one; what they carry goes nowhere else.
 */
import { describeError } from '@tachograph/service';
import type { Exchange } from '../call/exchange.ts';
import { collectBody, hidingEncoding } from '../call/parse-body.ts';
import type { CallContext } from '../call/ports.ts';
import { countRefusal } from '../call/record.ts';
import { answerPreflight, isPreflight, readableByAll } from './cross-origin.ts';
import { checkAnswer, oauthError, type CheckedAnswer } from './login-answer.ts';
import { sendLoginError, type LoginErrorName } from './login-errors.ts';
import type { LoginAnswer } from './login-port.ts';
import { pageRefusal, requestHeaders } from './login-request.ts';
import { isAuthorizePath, type LoginRoute } from './login-routes.ts';

const maxBodyBytes = 64 * 1024;
const maxAnswerBytes = 256 * 1024;
const timeoutMs = 15_000;

/** One exchange of a login. `route` absent: nothing that is there. */
interface Login {
  readonly context: CallContext;
  readonly exchange: Exchange;
  readonly isPage: boolean;
  readonly route: LoginRoute | undefined;
}

type Routed = Login & { readonly route: LoginRoute };

type Method = LoginRoute['methods'][number];

/** Answers what the head says is the auth server's. */
export async function relayLogin(
  context: CallContext,
  exchange: Exchange,
  head: Pick<Login, 'route' | 'isPage'>,
): Promise<void> {
  const login = { context, exchange, route: head.route, isPage: head.isPage };
  const { req } = exchange;
  const refusal = login.isPage ? pageRefusal(req) : undefined;
  if (refusal !== undefined) return refuseLogin(login, refusal);
  const { route } = login;
  if (route === undefined) return refuseLogin(login, isElsewhere(login) ? 'login_elsewhere' : 'login_unknown');
  if (!login.isPage && isPreflight(req)) return preflight(login, route);
  const method = route.methods.find((one) => one === req.method);
  if (method === undefined) return refuseLogin(login, 'login_method', { allow: route.methods.join(', ') });
  return relaySeated({ ...login, route }, method);
}

/** Somebody's login at another workload: a port-forward has moved, and the client has not noticed. */
function isElsewhere({ isPage, exchange }: Login): boolean {
  return isPage && isAuthorizePath(exchange.path);
}

async function relaySeated(login: Routed, method: Method): Promise<void> {
  const { context, exchange } = login;
  if (!context.loginSeats.take()) return refuseLogin(login, 'login_busy');
  try {
    const body = method === 'POST' ? await readBody(context, exchange) : undefined;
    if (typeof body === 'string') return refuseLogin(login, body);
    const answer = await ask(login, body === undefined ? { method } : { method, body });
    return exchange.res.destroyed ? undefined : passOn(login, answer);
  } finally {
    context.loginSeats.leave();
  }
}

function preflight(login: Login, { methods }: LoginRoute): void {
  countAnswered(login, 'passed_preflight');
  answerPreflight(login.exchange.res, methods);
}

/** The body, or why there is none. A client that sends slowly does not keep others out for long. */
async function readBody({ timers }: CallContext, { req }: Exchange): Promise<Buffer | LoginErrorName> {
  if (hidingEncoding(req) !== undefined) return 'login_encoding';
  const slow = Promise.withResolvers<'slow'>();
  const stop = timers.after(timeoutMs, () => slow.resolve('slow'));
  try {
    const body = await Promise.race([collectBody(req, { maxBytes: maxBodyBytes }), slow.promise]);
    if (body === 'slow' || body.kind === 'aborted') return 'login_slow';
    return body.kind === 'collected' ? body.bytes : 'login_too_large';
  } finally {
    stop();
  }
}

async function ask(
  { context: { login }, exchange: { req, res, path, target }, route }: Routed,
  it: { readonly method: Method; readonly body?: Buffer },
): Promise<LoginAnswer> {
  if (login === undefined) return { kind: 'unreachable', error: new Error('there is no controller') };
  const left = new AbortController();
  const leave = (): void => left.abort();
  res.once('close', leave);
  try {
    return await login.call({
      ...it,
      path: route.path + target.slice(path.length),
      headers: requestHeaders(req, route),
      timeoutMs,
      maxAnswerBytes,
      signal: left.signal,
    });
  } finally {
    res.off('close', leave);
  }
}

const failures = {
  busy: 'login_busy',
  unknown: 'login_unknown',
  unavailable: 'login_unavailable',
  unfit: 'login_unfit',
} as const satisfies Readonly<Record<Extract<CheckedAnswer, { kind: 'failed' }>['why'], LoginErrorName>>;

function passOn(login: Routed, answer: LoginAnswer): void {
  const { context, exchange, isPage } = login;
  const { res } = exchange;
  const { endpoint } = login.route;
  if (answer.kind === 'unreachable') {
    context.log.warn('login service not reached', { endpoint, err: describeError(answer.error) });
    return refuseLogin(login, 'login_unavailable');
  }
  const checked = checkAnswer(res, login.route, answer);
  if (checked.kind === 'failed') {
    context.log.warn('login service gave an answer that cannot be passed on', { endpoint, status: answer.status });
    return refuseLogin(login, failures[checked.why]);
  }
  countAnswer(login, checked);
  const { status, headers, body } = checked;
  const more = isPage || endpoint === 'callback' ? {} : readableByAll;
  res.writeHead(status, { ...toOutgoing(headers), ...more, 'content-length': body.length });
  res.end(body);
  return undefined;
}

function toOutgoing(headers: Extract<CheckedAnswer, { kind: 'passed' }>['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

/** Codes that a summary may name; anything else is somebody's own text. */
const errorCodes: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_grant',
  'invalid_redirect_uri',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_token_type',
]);

function countAnswer(login: Routed, { status, body }: Extract<CheckedAnswer, { kind: 'passed' }>): void {
  const { context, exchange, isPage, route } = login;
  const reason = `login_${route.endpoint}`;
  if (status < 400) {
    context.tally.add('login');
    return countAnswered(login, reason);
  }
  const error = isPage ? undefined : oauthError(body);
  const known = error !== undefined && errorCodes.has(error) ? error : String(status);
  return countRefusal(context, exchange, `${reason}_${known}`);
}

function countAnswered({ context, exchange }: Login, reason: string): void {
  context.refusals.count({ source: 'answered', reason, origin: exchange.entry.origin });
}

function refuseLogin(
  { context, exchange, isPage }: Login,
  name: LoginErrorName,
  more: Readonly<Record<string, string>> = {},
): void {
  countRefusal(context, exchange, name);
  sendLoginError(exchange.res, name, isPage, { ...(isPage ? {} : readableByAll), ...more });
}
