import { loopbackHosts } from './loopback-hosts.ts';

const maxUriLength = 2048;
/** Printable ASCII without what readers of URLs disagree about: backslash and fragment. */
const plainText = /^[!"$-[\]-~]+$/;
/** Schemes that run code or read files in a browser, whatever a list says. */
const neverSchemes: ReadonlySet<string> = new Set(['javascript:', 'vbscript:', 'data:', 'blob:', 'file:', 'about:']);

/**
 * Whether a client may have this redirect: `http` on a loopback host, or what the list names. An entry of the list is a
 * custom scheme with its colon (`cursor:`), an https origin (`https://claude.ai`: every path) or an https URL, which must
 * be equal.
 */
export function isAllowedRedirect(text: string, allowed: readonly string[]): boolean {
  if (text.length > maxUriLength || !plainText.test(text)) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || neverSchemes.has(url.protocol)) return false;
  if (url.protocol === 'http:') return loopbackHosts.has(url.hostname);
  if (url.protocol === 'https:') return allowed.some((entry) => entry === text || isOriginOf(entry, url));
  return allowed.includes(url.protocol);
}

function isOriginOf(entry: string, url: URL): boolean {
  const listed = URL.parse(entry);
  return listed !== null && listed.pathname === '/' && listed.search === '' && listed.origin === url.origin;
}
