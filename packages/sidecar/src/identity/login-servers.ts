/** Where a person's client logs in: what the metadata of this resource says (RFC 9728; `mcp.md` §3). */
import { loginIssuer, loginMount, loginScope, type JwksPayload, type WorkloadRef } from '@tachograph/protocol';
import { hostKind } from './host-names.ts';
import type { IssuerSource } from './token-check.ts';

/** `forwarded`: by this sidecar, on the host that the client typed. `public`: behind an ingress. `absent`: there is none. */
export type LoginPlace = { readonly kind: 'forwarded' | 'absent' } | { readonly kind: 'public'; readonly url: string };

export interface LoginServers {
  place(): LoginPlace;
  /** Issuers for a client that typed this host. */
  servers(host: string): readonly string[];
  /** What a client must ask for; `undefined`: nothing in particular. */
  scope(): string | undefined;
}

interface Known {
  readonly place: LoginPlace;
  /** Issuers of people that the installation itself names. */
  readonly others: readonly string[];
}

const absent: LoginPlace = { kind: 'absent' };

/** The auth server is known by its issuer, which only the signed key set can name. */
export function createLoginServers(issuers: IssuerSource, workload: WorkloadRef): LoginServers {
  const own = loginIssuer(workload);
  let payload: JwksPayload | undefined;
  let known: Known = { place: absent, others: [] };
  const follow = (): Known => {
    const current = issuers.current();
    if (current !== payload) known = read(current, own);
    payload = current;
    return known;
  };
  return {
    place: () => follow().place,
    servers(host) {
      const { place, others } = follow();
      if (place.kind === 'public') return [place.url];
      if (place.kind === 'absent') return others;
      return hostKind(host) === 'loopback' ? [`http://${host.toLowerCase()}${loginMount(workload)}`] : others;
    },
    scope: () => (follow().place.kind === 'absent' ? undefined : loginScope),
  };
}

function read(payload: JwksPayload | undefined, own: string): Known {
  const people = (payload?.issuers ?? []).filter(({ subjectType }) => subjectType === 'human');
  const login = people.find(({ issuer }) => issuer === own);
  const others = people.flatMap(({ issuer }) => (issuer === own ? [] : [issuer]));
  if (login === undefined) return { place: absent, others };
  const { publicUrl: url } = login;
  return { place: url === undefined ? { kind: 'forwarded' } : { kind: 'public', url }, others };
}
