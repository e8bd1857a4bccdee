import type { WorkloadRef } from '@tachograph/protocol';

/** For whom and on which origins a request is answered. Whoever fills it has checked both: nothing of the request is believed again. */
export interface AuthSite {
  /** Absent only for `/as/callback` on an ingress, whose path names none. */
  readonly workload?: WorkloadRef;
  /** Scheme and host where the protocol's endpoints are, as the client typed them: `http://localhost:8080`. */
  readonly origin: string;
  /** Scheme and host where pages and cookies are: `http://tachograph.localhost:8080`, or the same as `origin` behind an ingress. */
  readonly pageOrigin: string;
  /** Whether the request came to `pageOrigin`. Behind an ingress always true. */
  readonly isPage: boolean;
}

/** What a path under `/as` or of the two well-known forms names. */
export type AuthPath =
  | { readonly kind: 'callback' }
  | {
      readonly kind: 'workload';
      readonly namespace: string;
      readonly workload: string;
      /** Path below `/as/<namespace>/<workload>`: `/token`; well-known forms become their suffix form. */
      readonly rest: string;
    };

const namespace = '([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)';
const workload = '([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)';
const below = new RegExp(`^/as/${namespace}/${workload}(/[^?#]*)$`);
const wellKnown = new RegExp(
  `^(/\\.well-known/(?:oauth-authorization-server|openid-configuration))/as/${namespace}/${workload}$`,
);

/** Where a workload's auth server is mounted on every origin. */
export function mountPath(ref: { readonly namespace: string; readonly workload: string }): string {
  return `/as/${ref.namespace}/${ref.workload}`;
}

/** Reads a request's path (without its query); `undefined` when it is none of the auth server's. RFC 8414 section 3.1 has the well-known part first. */
export function parseAuthPath(path: string): AuthPath | undefined {
  if (path === '/as/callback') return { kind: 'callback' };
  const suffix = below.exec(path);
  if (suffix !== null) {
    const [, ns = '', wl = '', rest = ''] = suffix;
    return { kind: 'workload', namespace: ns, workload: wl, rest };
  }
  const inserted = wellKnown.exec(path);
  if (inserted === null) return undefined;
  const [, rest = '', ns = '', wl = ''] = inserted;
  return { kind: 'workload', namespace: ns, workload: wl, rest };
}
