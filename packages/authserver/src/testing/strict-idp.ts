/**
 * A company's OpenID provider at its least helpful, for tests: it registers nobody (no DCR, no client metadata
 * documents), refuses every `resource`, wants client_secret_basic and PKCE, and matches redirects exactly but for the
 * port of a loopback host.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { errors, interactionPolicy, Provider, type Configuration } from 'oidc-provider';
import { createMemoryAdapter } from './memory-adapter.ts';
import { answerIdpLogin } from './idp-login.ts';
import { idpUsers, type IdpClaims } from './idp-users.ts';

export interface StrictIdpOptions {
  /** The client's callbacks; `http` only on a loopback host, whose port is then ignored. */
  readonly redirectUris: readonly string[];
  /** Default `tachograph`. */
  readonly clientId?: string;
  /** Default `idp-test-secret`. */
  readonly clientSecret?: string;
  /** As others reach it, without a path; default the address that it listens on. */
  readonly issuer?: string;
  /** Default 127.0.0.1 and a free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** PEM; without it plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Default `idpUsers`. */
  readonly users?: readonly IdpClaims[];
}

/** A request that the provider saw; bodies are not kept. */
export interface IdpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

export interface StrictIdp {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Everything asked so far, oldest first. */
  readonly requests: readonly IdpRequest[];
  close(): Promise<void>;
}

const defaultClient = { clientId: 'tachograph', clientSecret: 'idp-test-secret' };

/** Starts the provider and answers when it listens. */
export async function startStrictIdp(options: StrictIdpOptions): Promise<StrictIdp> {
  const requests: IdpRequest[] = [];
  // The issuer may be the address, so the server listens before there is a provider.
  const server = options.tls === undefined ? createHttpServer() : createHttpsServer(options.tls);
  const origin = await listen(server, options);
  const issuer = options.issuer ?? origin;
  const provider = new Provider(issuer, configurationOf(options));
  const users = options.users ?? idpUsers;
  const callback = provider.callback();
  server.on('request', (req, res) => {
    requests.push(toIdpRequest(req));
    if (req.url?.startsWith('/interaction/') === true) void answerIdpLogin({ provider, users }, req, res);
    else void callback(req, res);
  });
  return { issuer, ...clientOf(options), requests, close: () => close(server) };
}

function clientOf({ clientId, clientSecret }: StrictIdpOptions): { clientId: string; clientSecret: string } {
  return {
    clientId: clientId ?? defaultClient.clientId,
    clientSecret: clientSecret ?? defaultClient.clientSecret,
  };
}

function configurationOf(options: StrictIdpOptions): Configuration {
  const { clientId, clientSecret } = clientOf(options);
  const users = options.users ?? idpUsers;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        // Native is what makes the port of a loopback redirect free; everything else is compared exactly.
        application_type: 'native',
        redirect_uris: [...options.redirectUris],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    adapter: createMemoryAdapter(),
    clientAuthMethods: ['client_secret_basic'],
    responseTypes: ['code'],
    scopes: ['openid'],
    pkce: { required: () => true },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: randomId() }] },
    cookies: {
      keys: [randomId()],
      // Ports share cookies: the names must differ from those of an auth server on the same host.
      names: { session: 'idp_session', interaction: 'idp_interaction', resume: 'idp_resume' },
    },
    claims: { openid: ['sub', 'groups'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, sub) => {
      const claims = users.find((user) => user.sub === sub);
      return claims && { accountId: sub, claims: () => ({ ...claims }) };
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = `<!doctype html><title>Error</title><p>${out.error.replace(/[^a-z_]/g, '')}</p>`;
    },
    // The company's own application: nobody is asked.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session?.accountId ?? '', clientId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    interactions: { policy: loginOnly(), url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 600, IdToken: 300, Interaction: 600, Session: 3600 },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => {
          throw new errors.InvalidTarget('this provider knows no resource parameter');
        },
      },
    },
  };
}

/** Native clients would be asked for consent each time. */
function loginOnly(): ReturnType<typeof interactionPolicy.base> {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

async function listen(server: Server, options: StrictIdpOptions): Promise<string> {
  const { host, port } = options.listen ?? { host: '127.0.0.1', port: 0 };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

function toIdpRequest(req: IncomingMessage): IdpRequest {
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://idp');
  return { method: req.method ?? '', path: pathname, query: Object.fromEntries(searchParams) };
}

function randomId(): string {
  return randomBytes(24).toString('base64url');
}
