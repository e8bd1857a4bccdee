/** What a request to a page must look like: a browser's own navigation, not something that another page made it do. */
import type { IncomingMessage } from 'node:http';
import { readBody } from '../request-body.ts';

/**
 * Whether a document was asked for, as far as the browser says so (Fetch Metadata; older browsers say nothing). Frames and
 * scripted requests are none.
 */
export function isNavigation({ headers }: IncomingMessage): boolean {
  const { 'sec-fetch-dest': destination = 'document', 'sec-fetch-mode': mode = 'navigate' } = headers;
  return destination === 'document' && mode === 'navigate';
}

/** Whether a form of our own page was sent, as far as the browser says so. The CSRF token decides. */
export function isOwnForm(request: IncomingMessage, pageOrigin: string): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (!isNavigation(request) || (site ?? 'same-origin') !== 'same-origin') return false;
  // Settings of a browser may hide the origin; then it must say itself that it is the same.
  return origin === undefined || origin === pageOrigin || (origin === 'null' && site === 'same-origin');
}

/** A urlencoded form; `undefined` when the body is none or too long. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return undefined;
  const body = await readBody(request);
  return body === undefined ? undefined : new URLSearchParams(body.toString('utf8'));
}

/** The query of a request without its question mark, at most 8 KiB. */
export function queryOf({ url = '' }: IncomingMessage): string | undefined {
  const at = url.indexOf('?');
  const query = at < 0 ? '' : url.slice(at + 1);
  return query.length > 8192 ? undefined : query;
}
