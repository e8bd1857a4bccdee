import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Client, type Interaction, type Provider } from 'oidc-provider';
import { mountPath } from './auth-site.ts';
import { workloadScope } from './authorization-request.ts';
import { answerErrorPage } from './error-page.ts';
import type { Login, LoginClient, LoginVisit, Person } from './login-port.ts';
import type { ProviderParts } from './provider-parts.ts';

interface VisitRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly uid: string;
  readonly rest: string;
}

/** Answers a page of a login in progress, if the browser that asks began that login: the library's cookie says so. */
export async function answerVisit(
  parts: ProviderParts,
  provider: Provider,
  login: Login,
  asked: VisitRequest,
): Promise<void> {
  const { request, response } = asked;
  const interaction = await findInteraction(provider, asked);
  if (interaction === undefined) {
    answerErrorPage(response, 400, 'expired', 'This login is over, or another browser began it.');
    return;
  }
  const client = await findClient(provider, String(interaction.params['client_id']));
  if (client === undefined) {
    answerErrorPage(response, 400, 'invalid_client', 'The program that began this login is not known any more.');
    return;
  }
  await login.visit(request, response, toVisit(parts, provider, { asked, interaction, client }));
}

async function findInteraction(provider: Provider, asked: VisitRequest): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(asked.request, asked.response);
    return interaction.uid === asked.uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

/** A client's document may have gone since the login began. */
async function findClient(provider: Provider, id: string): Promise<Client | undefined> {
  try {
    return await provider.Client.find(id);
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return undefined;
    throw error;
  }
}

interface FoundVisit {
  readonly asked: VisitRequest;
  readonly interaction: Interaction;
  readonly client: Client;
}

function toVisit(parts: ProviderParts, provider: Provider, found: FoundVisit): LoginVisit {
  const { asked, interaction, client } = found;
  const { request, response, uid, rest } = asked;
  const { params } = interaction;
  return {
    site: parts.site,
    uid,
    path: `${mountPath(parts.site.workload)}/interaction/${uid}`,
    rest,
    client: toLoginClient(client),
    redirectUri: String(params['redirect_uri']),
    resource: resourcesOf(params)[0] ?? '',
    scopes: scopesOf(params),
    expiresAtMs: interaction.exp * 1000,
    finish: (person) => finish(parts, provider, found, person),
    refuse: (description) =>
      provider.interactionFinished(
        request,
        response,
        { error: 'access_denied', error_description: description },
        { mergeWithLastSubmission: false },
      ),
  };
}

function toLoginClient(client: Client): LoginClient {
  return {
    id: client.clientId,
    kind: client['clientIdMetadataDocument'] === true ? 'metadata' : 'registered',
    ...(client.clientName === undefined ? {} : { name: client.clientName }),
    ...(client.clientUri === undefined ? {} : { uri: client.clientUri }),
  };
}

async function finish(parts: ProviderParts, provider: Provider, found: FoundVisit, person: Person): Promise<void> {
  const { asked, interaction, client } = found;
  const grant = new provider.Grant({ accountId: person.subject, clientId: client.clientId });
  const statics = scopesOf(interaction.params).filter((scope) => scope !== workloadScope);
  if (statics.length > 0) grant.addOIDCScope(statics.join(' '));
  for (const resource of resourcesOf(interaction.params)) grant.addResourceScope(resource, workloadScope);
  const grantId = await grant.save();
  const nowMs = parts.clock.nowMs();
  const authTime = Math.floor(nowMs / 1000);
  const expiresAtMs = nowMs + parts.settings.lifetimes.refreshSeconds * 1000;
  await parts.persons.save(grantId, { ...person, authTime }, expiresAtMs);
  await provider.interactionFinished(
    asked.request,
    asked.response,
    { login: { accountId: person.subject, remember: false, ts: authTime }, consent: { grantId } },
    { mergeWithLastSubmission: false },
  );
}

function resourcesOf(params: Interaction['params']): readonly string[] {
  const asked = params['resource'];
  const list = Array.isArray(asked) ? asked : [asked];
  return list.filter((resource) => typeof resource === 'string');
}

function scopesOf(params: Interaction['params']): readonly string[] {
  const { scope } = params;
  return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [];
}
