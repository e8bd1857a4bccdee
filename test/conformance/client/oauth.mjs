// How the client under test logs in: a person's browser is a request that does not follow the last redirect.
import {
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  DpopSession,
  PrivateKeyJwtProvider,
  requestJwtAuthorizationGrant,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';

const redirectUrl = 'http://localhost:3000/callback';

/** What the suite knows the client’s metadata document by. */
const metadataUrl = 'https://conformance-test.local/client-metadata.json';

/** Everything in memory, kept apart by authorization server. `context`: credentials that the suite hands out. */
function createProvider(context) {
  const clients = new Map();
  const tokens = new Map();
  const state = { verifier: '', callback: undefined, last: undefined };
  const registered =
    context?.client_id === undefined
      ? undefined
      : { client_id: context.client_id, client_secret: context.client_secret, issuer: context.issuer };
  return {
    redirectUrl,
    clientMetadataUrl: metadataUrl,
    clientMetadata: {
      client_name: 'tachograph-conformance-client',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    clientInformation: (at) => registered ?? clients.get(at?.issuer),
    saveClientInformation: (information, at) => void clients.set(at?.issuer, information),
    tokens: (at) => (at === undefined ? state.last : tokens.get(at.issuer)),
    saveTokens(saved, at) {
      tokens.set(at?.issuer, saved);
      state.last = saved;
    },
    saveCodeVerifier: (verifier) => void (state.verifier = verifier),
    codeVerifier: () => state.verifier,
    async redirectToAuthorization(url) {
      const answer = await fetch(url, { redirect: 'manual' });
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`the authorization endpoint answered ${answer.status}, and no redirect`);
      state.callback = new URL(location, url).searchParams;
    },
    takeCallback() {
      const { callback } = state;
      state.callback = undefined;
      return callback;
    },
  };
}

function providerFor(scenario, context) {
  if (scenario === 'auth/client-credentials-basic') {
    return new ClientCredentialsProvider({ clientId: context.client_id, clientSecret: context.client_secret });
  }
  if (scenario === 'auth/client-credentials-jwt') {
    return new PrivateKeyJwtProvider({
      clientId: context.client_id,
      privateKey: context.private_key_pem,
      algorithm: context.signing_algorithm,
    });
  }
  if (scenario === 'auth/enterprise-managed-authorization') {
    return new CrossAppAccessProvider({
      clientId: context.client_id,
      clientSecret: context.client_secret,
      assertion: (asked) => grantFrom(context, asked),
    });
  }
  const provider = createProvider(context);
  const session = scenario.startsWith('auth/dpop') ? DpopSession.create() : undefined;
  return session === undefined ? provider : { ...provider, dpop: () => session };
}

/** From the enterprise’s own provider, where the person has logged in. */
async function grantFrom(context, { authorizationServerUrl, resourceUrl, scope }) {
  const { jwtAuthGrant } = await requestJwtAuthorizationGrant({
    tokenEndpoint: context.idp_token_endpoint,
    audience: authorizationServerUrl,
    resource: resourceUrl,
    idToken: context.idp_id_token,
    clientId: context.idp_client_id,
    ...(scope === undefined ? {} : { scope }),
  });
  return jwtAuthGrant;
}

/** More than any server may ask for: whoever asks again and again is not obeyed. */
const maxLogins = 2;

/** A way to connect and to call that logs in whenever it is told to. */
export function createLogins(url, scenario, context) {
  const provider = providerFor(scenario, context);
  let transport = new StreamableHTTPClientTransport(url, { authProvider: provider });
  const logIn = async () => {
    const callback = provider.takeCallback?.();
    if (callback === undefined) throw new Error('asked to log in, and shown no way to');
    await transport.finishAuth(callback);
  };
  return {
    /** Connects a new client of `create` until it is let in. */
    async connect(create) {
      for (let logins = 0; ; logins += 1) {
        const client = create();
        try {
          await client.connect(transport);
          return client;
        } catch (error) {
          if (!(error instanceof UnauthorizedError) || logins === maxLogins) throw error;
          await logIn();
          transport = new StreamableHTTPClientTransport(url, { authProvider: provider });
        }
      }
    },
    async call(request) {
      for (let logins = 0; ; logins += 1) {
        try {
          return await request();
        } catch (error) {
          if (!(error instanceof UnauthorizedError) || logins === maxLogins) throw error;
          await logIn();
        }
      }
    },
  };
}
