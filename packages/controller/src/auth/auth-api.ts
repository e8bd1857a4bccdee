/** The auth server's paths on the controller: for sidecars by their pod's token, for everybody on the ingress' own host. */
import type { AuthPath, AuthSite } from '@tachograph/authserver';
import type { Express, Request, RequestHandler } from 'express';
import { ControllerError } from '../controller-error.ts';
import { answering } from '../http/answer.ts';
import { podOf } from '../http/request.ts';
import type { Identity, Pods } from '../ports.ts';
import type { AuthHost } from './auth-host.ts';
import { parseForwardedOrigin } from './forwarded-origin.ts';

export interface AuthApiOptions {
  readonly cluster: string;
  readonly identity: Identity;
  readonly pods: Pods;
  /** Absent: there is no auth server, and none of its paths. */
  readonly auth: AuthHost | undefined;
}

const paths = /^\/(?:as|\.well-known\/oauth-authorization-server|\.well-known\/openid-configuration)\//;

/** Must come before everything that reads bodies: the auth server reads its own, and bounds them. */
export function addAuth(app: Express, options: AuthApiOptions): void {
  const { auth } = options;
  if (auth === undefined) return;
  const handle: RequestHandler = answering(async (request, response) => {
    const path = auth.parsePath(request.path);
    if (path === undefined) throw noSuchIssuer();
    const site = await siteOf(options, { auth, path }, request);
    forget(request, isForwarded(request));
    auth.handle(request, response, { path, site });
  });
  app.use((request, response, next) => (paths.test(request.path) ? handle(request, response, next) : next()));
}

function isForwarded(request: Request): boolean {
  return request.get('tacho-origin') !== undefined;
}

const noSuchIssuer = (): ControllerError => new ControllerError('not_found', 'no such authorization server');

/** Throws `not_found` for whatever the caller may not reach. */
async function siteOf(
  options: AuthApiOptions,
  { auth, path }: { readonly auth: AuthHost; readonly path: AuthPath },
  request: Request,
): Promise<AuthSite> {
  const named = path.kind === 'workload' ? { namespace: path.namespace, workload: path.workload } : undefined;
  if (isForwarded(request)) return forwardedSite(options, request, named);
  const { publicUrl } = auth;
  if (publicUrl === undefined || request.get('host')?.toLowerCase() !== new URL(publicUrl).host) throw noSuchIssuer();
  if (named !== undefined && !(await auth.known.has(named))) throw noSuchIssuer();
  const site = { origin: publicUrl, pageOrigin: publicUrl, isPage: true };
  return named === undefined ? site : { ...site, workload: { cluster: options.cluster, ...named } };
}

interface NamedWorkload {
  readonly namespace: string;
  readonly workload: string;
}

/** A sidecar speaks for its own workload only, and the API server says which that is. */
async function forwardedSite(
  { cluster, identity, pods }: AuthApiOptions,
  request: Request,
  named: NamedWorkload | undefined,
): Promise<AuthSite> {
  const pod = await podOf(identity, request);
  const origin = parseForwardedOrigin(request.get('tacho-origin') ?? '', request.get('tacho-page'));
  if (origin === undefined) throw new ControllerError('bad_request', 'expected a loopback origin as Tacho-Origin');
  const start = await pods.sidecarStart(pod);
  if (start.kind === 'absent') throw noSuchIssuer();
  const own = { namespace: pod.namespace, workload: start.workload };
  if (named !== undefined && (named.namespace !== own.namespace || named.workload !== own.workload))
    throw noSuchIssuer();
  return { ...origin, workload: { cluster, ...own } };
}

/** What the auth server must not see: the pod's token, and what callers say of how they came. */
function forget(request: Request, isPodToken: boolean): void {
  if (isPodToken) delete request.headers.authorization;
  for (const name of Object.keys(request.headers)) {
    if (/^(?:tacho-|x-forwarded-|forwarded$|x-real-ip$)/.test(name)) delete request.headers[name];
  }
}
