import type { IncomingMessage, ServerResponse } from 'node:http';
import { workloadUri } from '@tachograph/protocol';
import type { Provider } from 'oidc-provider';
import { authRoute, type AuthRoute } from './auth-routes.ts';
import { mountPath } from './auth-site.ts';
import { parseAuthorizationRequest } from './authorization-request.ts';
import { answerError, answerErrorPage } from './error-page.ts';
import type { Login } from './login-port.ts';
import type { ProviderParts, WorkloadSite } from './provider-parts.ts';
import { loopbackHosts } from './loopback-hosts.ts';
import { parseRegistration } from './registration.ts';
import { readBody, withBody } from './request-body.ts';
import type { LimitedAction, RequestLimits } from './request-limits.ts';
import { isOwnResource } from './resource-policy.ts';
import { toTokenBody } from './token-request.ts';
import { answerVisit } from './visits.ts';

/** What answers a workload's requests. */
export interface WorkloadParts {
  readonly parts: ProviderParts;
  readonly login: Login;
  readonly limits: RequestLimits;
  /** Made when it is needed: a refused request makes none. */
  readonly provider: () => Provider;
}

/** A request below a workload's mount. */
export interface WorkloadRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly rest: string;
  readonly query: string;
}

/** Answers a request below a workload's mount: what is not named by `authRoute` on this origin is 404. */
export async function answerWorkload(workload: WorkloadParts, asked: WorkloadRequest): Promise<void> {
  const route = authRoute(asked.request.method ?? '', asked.rest);
  if (route === undefined || !isServedOn(workload.parts.site, route)) return notFound(asked.response);
  if (route.name === 'visit') {
    const { uid, rest } = route;
    return answerVisit(workload.parts, workload.provider(), workload.login, { ...asked, uid, rest });
  }
  if (route.name === 'register') allowScripts(asked);
  if (asked.request.method === 'OPTIONS') {
    return route.name === 'register' ? void asked.response.writeHead(204).end() : pass(workload, asked);
  }
  const answer = { register, authorize, token: exchange, metadata: pass, jwks: pass, revoke: pass, resume: pass };
  return answer[route.name](workload, asked);
}

/** Answers 404 as JSON, whoever asked. */
export function notFound(response: ServerResponse): void {
  answerError(response, 404, 'not_found', 'nothing is here');
}

/** Pages exist where pages are, endpoints where endpoints are; behind an ingress both are one origin. */
function isServedOn(site: WorkloadSite, route: AuthRoute): boolean {
  return route.kind === 'page' ? site.isPage : !site.isPage || site.origin === site.pageOrigin;
}

/**
 * Clients that are pages themselves register from the browser (the library answers preflights of every endpoint but this
 * one). Only pages of this machine: what they learn is a new client's id.
 */
function allowScripts({ request, response }: WorkloadRequest): void {
  response.setHeader('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !loopbackHosts.has(URL.parse(origin)?.hostname ?? '')) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'POST');
  response.setHeader('access-control-allow-headers', 'content-type, mcp-protocol-version');
}

async function register(workload: WorkloadParts, asked: WorkloadRequest): Promise<void> {
  const { request, response } = asked;
  if (await isLimited(workload, 'register', response)) return undefined;
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return answerError(response, 400, 'invalid_client_metadata', 'expected application/json');
  }
  const body = await readBody(request);
  if (body === undefined) return tooLarge(response);
  const registration = parseRegistration(body, workload.parts.settings.redirects);
  if (registration.kind === 'refused') {
    return answerError(response, 400, registration.error, registration.description);
  }
  const metadata = Buffer.from(JSON.stringify(registration.metadata));
  return pass(workload, { ...asked, request: withBody(request, metadata) });
}

async function authorize(workload: WorkloadParts, asked: WorkloadRequest): Promise<void> {
  const { response } = asked;
  if (await isLimited(workload, 'authorize', response)) return undefined;
  const parsed = parseAuthorizationRequest(asked.query, workload.parts.settings.redirects);
  if (parsed.kind === 'refused') return answerErrorPage(response, 400, parsed.error, parsed.description);
  return pass(workload, { ...asked, query: parsed.query });
}

async function exchange(workload: WorkloadParts, asked: WorkloadRequest): Promise<void> {
  const { site, settings } = workload.parts;
  const body = await readBody(asked.request);
  if (body === undefined) return tooLarge(asked.response);
  const isOwn = (resource: string): boolean =>
    isOwnResource(resource, { ...site, hosts: settings.resourceHosts ?? [] });
  return pass(workload, { ...asked, request: withBody(asked.request, toTokenBody(body, isOwn)) });
}

/** The library finds its mount by comparing `originalUrl` with `url`, as express leaves them. */
async function pass(workload: WorkloadParts, asked: WorkloadRequest): Promise<void> {
  const mount = mountPath(workload.parts.site.workload);
  const url = asked.query === '' ? asked.rest : `${asked.rest}?${asked.query}`;
  const request = Object.assign(asked.request, { url, originalUrl: `${mount}${url}`, baseUrl: mount });
  await workload.provider().callback()(request, asked.response);
}

async function isLimited(workload: WorkloadParts, action: LimitedAction, response: ServerResponse): Promise<boolean> {
  const waitSeconds = await workload.limits.take(action, workloadUri(workload.parts.site.workload));
  if (waitSeconds === undefined) return false;
  response.setHeader('retry-after', String(waitSeconds));
  answerError(response, 429, 'temporarily_unavailable', 'too many requests');
  return true;
}

function tooLarge(response: ServerResponse): void {
  response.setHeader('connection', 'close');
  answerError(response, 413, 'invalid_request', 'the body is too large');
}
