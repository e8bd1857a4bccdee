/** Hosts that this pod answers for: the defence against DNS rebinding, and what metadata may be made from (`mcp.md` §3). */
import { loginPageHost } from '@tachograph/protocol';

export interface HostNames {
  /** `localAddress`: the address that the connection came in on; naming it by number is no rebinding. */
  allows(host: string | undefined, localAddress: string | undefined): boolean;
  /** Loopback and configured names are allowed origins at any port, others only when listed. */
  allowsOrigin(origin: string, listed: ReadonlySet<string>): boolean;
  /**
   * Scheme and host as a client typed them. No header of the client's or of a proxy's says the scheme: a public name leads
   * here over something that ends TLS, unless the port is an odd one; anything else is called as it is.
   */
  originOf(host: string): string;
}

const loopback: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * `pages`: the auth server's own host, never the application's whatever names are configured. `alike`: other names of
 * that host, for which cookies and origins differ: nobody's. `loopback`: what a person types who forwards a port.
 */
export type HostKind = 'pages' | 'alike' | 'loopback' | 'other';

/** What a Host is by itself; `other` for one that is no host. */
export function hostKind(host: string | undefined): HostKind {
  const name = host === undefined ? undefined : hostNameOf(host);
  if (name === undefined) return 'other';
  if (name === loginPageHost) return 'pages';
  if (`.${name.replace(/\.$/, '')}`.endsWith(`.${loginPageHost}`)) return 'alike';
  return loopback.includes(name) ? 'loopback' : 'other';
}

/** `names`: exact host names or addresses, or `*.suffix`; `publicNames`: those among them that clients outside of the cluster use. */
export function createHostNames(names: readonly string[], publicNames: readonly string[] = []): HostNames {
  const knows = matcherOf([...loopback, ...names]);
  const isPublic = matcherOf(publicNames);
  return {
    allows(host, localAddress) {
      const name = host === undefined ? undefined : hostNameOf(host);
      if (name === undefined || hostKind(host) === 'alike') return false;
      return (
        knows(name) ||
        isSingleLabel(name) ||
        (localAddress !== undefined && name === toHostName(localAddress.replace(/^::ffff:/, '')))
      );
    },
    originOf(host) {
      const isTls = /^[^:]*(?::\d*443)?$/.test(host) && isPublic(hostNameOf(host) ?? '');
      return `${isTls ? 'https' : 'http'}://${host}`;
    },
    allowsOrigin(origin, listed) {
      if (listed.has(origin)) return true;
      const [, authority] = /^https?:\/\/([^/?#@]+)$/.exec(origin) ?? [];
      const name = authority === undefined ? undefined : hostNameOf(authority);
      return name !== undefined && knows(name);
    },
  };
}

function matcherOf(names: readonly string[]): (name: string) => boolean {
  const exact = new Set(names.map(toHostName));
  const suffixes = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1).toLowerCase());
  return (name) => exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
}

/** A name without a dot is resolved within the cluster; nobody can own it in public. */
function isSingleLabel(name: string): boolean {
  return /^[a-z0-9-]+$/.test(name);
}

/** Host without port, lower case; `undefined` when it is no host. */
function hostNameOf(host: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
}

function toHostName(name: string): string {
  const lower = name.toLowerCase();
  return lower.includes(':') && !lower.startsWith('[') ? `[${lower}]` : lower;
}
