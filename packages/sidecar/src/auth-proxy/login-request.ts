/** What of a request goes to the auth server: an allow-list, so that nothing forged does (`contracts.md`, Sidecar to controller). */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { LoginRoute } from './login-routes.ts';

const always = ['accept', 'content-type'] as const;
/** Of browsers only. Cookies are for the host of the pages; `Origin` and `Sec-Fetch-*` say who makes the browser ask. */
const ofPages = [
  'accept-language',
  'cookie',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
] as const;

/** `authorization` is the sidecar's own, and is added where the call is made. */
export function requestHeaders({ headers }: IncomingMessage, { isPage }: LoginRoute): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {
    'tacho-origin': originOf(headers),
    // Nothing has to be decoded that way.
    'accept-encoding': 'identity',
  };
  if (isPage) kept['tacho-page'] = '1';
  for (const name of isPage ? [...always, ...ofPages] : always) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

/** Scheme and host that the caller used; the host has been checked. */
export function originOf({ host }: IncomingHttpHeaders): string {
  return `http://${(host ?? '').toLowerCase()}`;
}

/** Why a browser's request for a page is refused. */
export type PageRefusal = 'service_worker' | 'login_origin' | 'login_embedded';

/**
 * Only this host's own pages may make a browser send something here, and only as a page of its own: no application's page
 * reads, frames or scripts them. Requests of programs have none of these headers, and no cookie that is worth anything.
 */
export function pageRefusal({ headers }: IncomingMessage): PageRefusal | undefined {
  if (headers['service-worker'] !== undefined) return 'service_worker';
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  // A page that sends no referrer has the origin `null`: then the browser itself must say that it is the same.
  const isOwn = origin === undefined || origin === originOf(headers) || (origin === 'null' && site === 'same-origin');
  if (!isOwn) return 'login_origin';
  if (typeof site !== 'string' || site === 'same-origin') return undefined;
  const isAlone = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isAlone ? undefined : 'login_embedded';
}
