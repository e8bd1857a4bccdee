/** An auth server that answers what it was asked, for tests of what stands before it. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createSigningJwk, type AuthPath, type AuthServerOptions, type AuthSite } from '@tachograph/authserver';
import type { AuthServerModule } from '../auth/auth-host.ts';

/** The body of every answer. */
export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly site: AuthSite;
}

export interface ScriptedAuthServer extends AuthServerModule {
  /** What each auth server was made of, oldest first. */
  readonly made: readonly AuthServerOptions[];
  /** Redirects the next answer there. */
  redirectTo: string | undefined;
}

const issuerOf = (namespace: string, workload: string): string => `tachograph://test/as/${namespace}/${workload}`;

export function createScriptedAuthServer(): ScriptedAuthServer {
  const made: AuthServerOptions[] = [];
  const scripted: ScriptedAuthServer = {
    made,
    redirectTo: undefined,
    defaultLifetimes: { accessSeconds: 300, refreshSeconds: 60, clientSeconds: 60, interactionSeconds: 60 },
    createSigningJwk,
    mountPath: ({ namespace, workload }) => `/as/${namespace}/${workload}`,
    parseAuthPath(path): AuthPath | undefined {
      if (path === '/as/callback') return { kind: 'callback' };
      const [, namespace, workload, rest] = /^\/as\/([a-z-]+)\/([a-z-]+)(\/.*)$/.exec(path) ?? [];
      if (namespace === undefined || workload === undefined || rest === undefined) return undefined;
      return { kind: 'workload', namespace, workload, rest };
    },
    createAuthServer(options) {
      made.push(options);
      return {
        handle(request, response, site) {
          void echo(request, response, { site, redirectTo: scripted.redirectTo });
        },
        issuerOf: ({ namespace, workload }) => ({
          issuer: issuerOf(namespace, workload),
          subjectType: 'human',
          audiences: [],
          groupsClaim: 'groups',
          keys: options.keys().signing.map(({ jwk: { d: _private, ...jwk } }) => jwk),
        }),
      };
    },
  };
  return scripted;
}

async function echo(
  request: IncomingMessage,
  response: ServerResponse,
  { site, redirectTo }: { readonly site: AuthSite; readonly redirectTo: string | undefined },
): Promise<void> {
  const asked: Asked = { url: request.url ?? '', headers: request.headers, body: await text(request), site };
  if (redirectTo !== undefined) {
    response.statusCode = 303;
    response.setHeader('location', redirectTo);
  }
  response.end(JSON.stringify(asked));
}
