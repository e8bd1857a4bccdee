/** What people read between their client and the company's login. */
import type { ServerResponse } from 'node:http';
import type { LoginVisit } from '../login-port.ts';
import type { AuthSettings } from '../settings.ts';
import { html, toShown, type Html } from './html.ts';
import { formHeaders, sendPage } from './page.ts';

const maxShownLength = 120;

/** Reasons for which a login cannot go on. */
export type Dead =
  | { readonly kind: 'over' | 'unavailable' | 'invalid' | 'forbidden' | 'not-found' | 'method' | 'subject' | 'groups' }
  | { readonly kind: 'refused'; readonly code: string; readonly description: string };

/** Asks for consent. Nothing on it is believed but what `visit` says of the redirect and the server. */
export function sendConsent(
  response: ServerResponse,
  visit: LoginVisit,
  { csrf, settings }: { readonly csrf: string; readonly settings: AuthSettings },
): void {
  const { namespace, workload, cluster } = visit.site.workload;
  const name = toShown(visit.client.name ?? '', maxShownLength) || 'A program without a name';
  const listener = listenerOf(visit.redirectUri);
  const minutes = Math.ceil(settings.lifetimes.accessSeconds / 60);
  const hours = Math.ceil(settings.lifetimes.refreshSeconds / 3600);
  const body = html`<p>“${name}” asks to use the MCP server <strong>${workload}</strong> in your name.</p>
    <dl>
      <dt>Server</dt>
      <dd>${workload} in namespace ${namespace}, cluster ${cluster}</dd>
      <dt>Address</dt>
      <dd>${toShown(visit.resource, maxShownLength) || 'the program did not say'}</dd>
      <dt>Program</dt>
      <dd>${name} (its own word)</dd>
      ${origin(visit)}
      <dt>Goes back to</dt>
      <dd>${listener}</dd>
      <dt>Asks for</dt>
      <dd>${toShown(visit.scopes.join(' '), maxShownLength)}</dd>
    </dl>
    <p class="warning">
      Whatever listens at <strong>${listener}</strong> receives a token that is good for this server in your name for
      ${minutes} minutes, and may renew it for ${hours} hours. Go on only if you have just begun this login yourself.
    </p>
    <form method="post" action="${visit.path}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <button name="action" value="continue">Continue to ${new URL(settings.upstream.issuer).host}</button>
      <button name="action" value="deny">Deny</button>
    </form>`;
  sendPage(response, 200, { title: `Log in to ${workload}?`, body, headers: formHeaders });
}

/** A registered client has no origin but its word; a metadata document vouches for the host that it stands on. */
function origin({ client }: LoginVisit): Html {
  if (client.kind === 'registered')
    return html`<dt>Known as</dt>
      <dd>registered by itself, nobody vouches for it</dd>`;
  const host = URL.parse(client.id)?.host ?? client.id;
  return html`<dt>Published by</dt>
    <dd>${toShown(host, maxShownLength)}</dd>`;
}

/** Host and port, or the scheme of an application on this computer. */
function listenerOf(redirectUri: string): string {
  const url = URL.parse(redirectUri);
  if (url === null) return toShown(redirectUri, maxShownLength);
  if (url.protocol === 'http:' || url.protocol === 'https:') return `${url.protocol}//${url.host}`;
  return `the application for ${toShown(url.protocol, maxShownLength)} links on this computer`;
}

/** Goes on to `next` without a redirect: see `form-action` in page.ts. */
export function sendOnward(response: ServerResponse, next: string): void {
  sendPage(response, 200, { title: 'One moment', body: html`<p><a href="${next}">Go on</a></p>`, next });
}

const dead: Readonly<Record<Dead['kind'], readonly [status: number, title: string, text: string]>> = {
  over: [400, 'This login is over', 'It was finished, took too long, or was not begun in this browser.'],
  unavailable: [
    503,
    'No new logins for now',
    'Your company’s login does not answer. Who is logged in already goes on working; try again in a moment.',
  ],
  invalid: [
    400,
    'This login was not accepted',
    'What came back from your company’s login does not prove that you logged in here.',
  ],
  forbidden: [403, 'This page was not opened by you', 'Another page asked for it. Begin the login in your client.'],
  'not-found': [404, 'Nothing is here', 'Begin the login in your client.'],
  method: [405, 'Nothing is here', 'Begin the login in your client.'],
  subject: [403, 'This login names nobody', 'Your company’s login did not say who you are. Tell your administrator.'],
  groups: [
    403,
    'Too many groups',
    'Your company’s login could not tell your groups, so your rights are unknown. Your administrator can narrow the groups.',
  ],
  refused: [502, 'Your company’s login refused', 'It says:'],
};

/** Tells why a login cannot go on; `again` is where it can be begun anew. */
export function sendDead(response: ServerResponse, why: Dead, again?: string): void {
  const [status, title, text] = dead[why.kind];
  const words = why.kind === 'refused' ? quote(why) : html``;
  const link = again === undefined ? html`` : html`<p><a href="${again}">Start again</a></p>`;
  sendPage(response, status, {
    title,
    body: html`<p>${text}</p>
      ${words}${link}`,
  });
}

function quote({ code, description }: { readonly code: string; readonly description: string }): Html {
  return html`<blockquote>${toShown(`${code} ${description}`, 300)}</blockquote>`;
}
