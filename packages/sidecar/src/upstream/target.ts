/** Where the application listens. */
import type { LookupFunction } from 'node:net';

export interface UpstreamTarget {
  readonly host: string;
  readonly port: number;
  /** Extra options of the connections to it. */
  readonly connection: { readonly lookup?: LookupFunction; readonly autoSelectFamily?: boolean };
}

const autoHost = 'auto';

/**
 * `http://host:port` as a target. Host `auto` is the pod's loopback: 127.0.0.1, then ::1, whichever answers; the
 * application may listen on either. `port` replaces the URL's. `undefined` when the text is no such URL.
 */
export function parseUpstream(text: string, port?: number): UpstreamTarget | undefined {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    return undefined;
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const number = port ?? (url.port === '' ? 80 : Number(url.port));
  if (host !== autoHost) return { host, port: number, connection: {} };
  return { host: 'localhost', port: number, connection: { lookup: loopbackLookup, autoSelectFamily: true } };
}

const loopbackLookup: LookupFunction = (_host, options, callback) => {
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];
  if (options.all === true) callback(null, addresses);
  else callback(null, '127.0.0.1', 4);
};
