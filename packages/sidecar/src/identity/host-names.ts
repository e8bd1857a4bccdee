/** Hosts that this pod answers for: the defence against DNS rebinding, and what metadata may be made from (`mcp.md` §3). */
import { loginPageHost } from '@tachograph/protocol';

export interface HostNames {
  /** `localAddress`: the address that the connection came in on; naming it by number is no rebinding. */
  allows(host: string | undefined, localAddress: string | undefined): boolean;
  /** Loopback and configured names are allowed origins at any port, others only when listed. */
  allowsOrigin(origin: string, listed: ReadonlySet<string>): boolean;
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

/** `names`: exact host names or addresses, or `*.suffix`. */
export function createHostNames(names: readonly string[]): HostNames {
  const exact = new Set([...loopback, ...names.map(toHostName)]);
  const suffixes = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1).toLowerCase());
  const knows = (name: string): boolean => exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
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
    allowsOrigin(origin, listed) {
      if (listed.has(origin)) return true;
      const [, authority] = /^https?:\/\/([^/?#@]+)$/.exec(origin) ?? [];
      const name = authority === undefined ? undefined : hostNameOf(authority);
      return name !== undefined && knows(name);
    },
  };
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
