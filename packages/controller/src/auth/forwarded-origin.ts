/** Origins under which a sidecar forwards people to the auth server (`Tacho-Origin`, `Tacho-Page`). */

/** Where the protocol's endpoints are, where pages are, and which of the two was called. */
export interface ForwardedOrigin {
  readonly origin: string;
  readonly pageOrigin: string;
  readonly isPage: boolean;
}

/** Browsers resolve it to loopback; no application is ever served there. */
const pageHost = 'tachograph.localhost';
const clientHost = 'localhost';
const pattern = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\]|tachograph\.localhost)(?::([1-9]\d{0,4}))?$/;

/**
 * Reads what the sidecar says of the `Host` that it was called by. Only loopback: anything else has an ingress, or no
 * login. A page does not know which of the loopback names its client used; `localhost` stands for all.
 */
export function parseForwardedOrigin(origin: string, page: string | undefined): ForwardedOrigin | undefined {
  const [, host, digits] = pattern.exec(origin) ?? [];
  const isPage = host === pageHost;
  if (host === undefined || page !== (isPage ? '1' : undefined)) return undefined;
  if (Number(digits) > 65_535) return undefined;
  const port = digits === undefined || digits === '80' ? '' : `:${digits}`;
  return {
    origin: `http://${isPage ? clientHost : host}${port}`,
    pageOrigin: `http://${pageHost}${port}`,
    isPage,
  };
}
