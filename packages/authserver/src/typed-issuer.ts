/**
 * Which loopback name a client typed is not known where pages are, and `localhost` stands for all of them. A client
 * compares the `iss` of its answer with the issuer whose metadata it read (RFC 9207 §2.4); the resource that it asked for
 * is on the host that it typed.
 */
import { loopbackHosts } from './loopback-hosts.ts';

/** A redirect to a client with the issuer as it knows it; any other redirect as it is. `issuer`: that of the pages. */
export function withTypedIssuer(location: string, issuer: string, resource: unknown): string {
  const target = URL.parse(location);
  const own = URL.parse(issuer);
  const typed = typeof resource === 'string' ? URL.parse(resource) : null;
  if (target === null || own === null || typed === null) return location;
  const isOurs = typed.protocol === own.protocol && typed.port === own.port && loopbackHosts.has(typed.hostname);
  if (!isOurs || target.searchParams.get('iss') !== issuer) return location;
  target.searchParams.set('iss', `${typed.origin}${own.pathname}`);
  return target.href;
}
