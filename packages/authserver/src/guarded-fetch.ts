import { lookup } from 'node:dns/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Why a document was not fetched. */
export type GuardedFetchCode = 'not_https' | 'not_public' | 'unreachable' | 'too_large' | 'too_slow';

/** A document that was not fetched: `code` says why. */
export class GuardedFetchError extends Error {
  override readonly name = 'GuardedFetchError';
  readonly code: GuardedFetchCode;

  constructor(code: GuardedFetchCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Bounds of a fetch, and what tests replace. */
export interface GuardedFetchOptions {
  /** All addresses of a host name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly isAllowedAddress?: (address: string) => boolean;
  /** From the first lookup to the last byte. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** PEM certificates instead of the system's. */
  readonly ca?: string;
}

/** Gets a document. Rejects with `GuardedFetchError`. */
export type GuardedFetch = (url: string | URL) => Promise<Response>;

/**
 * GET of an https document that somebody else named. The host's addresses are looked up first and the connection goes to
 * one that was checked, so that no second lookup can answer differently; one address that is not public refuses the host.
 * Redirects are not followed, no credentials are sent, length and time are capped. Throws `GuardedFetchError`.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { resolve = resolveHost, isAllowedAddress = isPublicAddress, timeoutMs = 2500, maxBytes = 16 * 1024 } = options;
  return async (input) => {
    const url = new URL(input);
    if (url.protocol !== 'https:') throw new GuardedFetchError('not_https', 'expected an https URL');
    const signal = AbortSignal.timeout(timeoutMs);
    const address = await withinTime(checkedAddress(url, resolve, isAllowedAddress), signal);
    const { ca } = options;
    return get(url, { address, signal, maxBytes, ...(ca === undefined ? {} : { ca }) });
  };
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function checkedAddress(
  url: URL,
  resolve: (host: string) => Promise<readonly string[]>,
  isAllowed: (address: string) => boolean,
): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) === 0 ? await lookUp(host, resolve) : [host];
  const [first] = addresses;
  if (first === undefined || !addresses.every(isAllowed)) {
    throw new GuardedFetchError('not_public', 'the host has an address that is not public');
  }
  return first;
}

async function lookUp(host: string, resolve: (host: string) => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (cause) {
    throw new GuardedFetchError('unreachable', 'the host name does not resolve', cause);
  }
}

async function withinTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const refuse = (): void => late.reject(new GuardedFetchError('too_slow', 'the document did not arrive in time'));
  signal.addEventListener('abort', refuse, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener('abort', refuse);
  }
}

interface GetOptions {
  readonly address: string;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly ca?: string;
}

function get(url: URL, options: GetOptions): Promise<Response> {
  const { address, signal, maxBytes, ca } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const family = isIP(address);
  const outgoing = httpsRequest(url, {
    agent: false,
    signal,
    headers: { accept: 'application/json', 'accept-encoding': 'identity' },
    ...(ca === undefined ? {} : { ca }),
    lookup: (_host, wanted, done) =>
      wanted.all === true ? done(null, [{ address, family }]) : done(null, address, family),
  });
  const fail = (cause: unknown): void => reject(toFetchError(cause, signal));
  outgoing.once('error', fail);
  outgoing.once('response', (incoming) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) incoming.destroy(new GuardedFetchError('too_large', 'the document is too large'));
    });
    incoming.once('error', fail);
    incoming.once('end', () => resolve(toResponse(incoming.statusCode, incoming.headers, Buffer.concat(chunks))));
  });
  outgoing.end();
  return promise;
}

function toFetchError(cause: unknown, signal: AbortSignal): GuardedFetchError {
  if (cause instanceof GuardedFetchError) return cause;
  if (signal.aborted) return new GuardedFetchError('too_slow', 'the document did not arrive in time', cause);
  return new GuardedFetchError('unreachable', 'the document cannot be fetched', cause);
}

/** Only the headers that decide how long a document is kept. A status that `Response` refuses becomes 502. */
function toResponse(statusCode: number | undefined, incoming: IncomingHttpHeaders, body: Buffer): Response {
  const status = statusCode !== undefined && statusCode >= 200 && statusCode <= 599 ? statusCode : 502;
  const headers = new Headers();
  if (incoming['cache-control'] !== undefined) headers.set('cache-control', incoming['cache-control']);
  if (incoming.expires !== undefined) headers.set('expires', incoming.expires);
  const hasNoBody = status === 204 || status === 205 || status === 304;
  return new Response(hasNoBody ? null : new Uint8Array(body), { status, headers });
}
