/** HTTP to the company's provider, on `node:https` because the built-in `fetch` takes no private authority. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { CustomFetch } from 'openid-client';

type FetchOptions = Parameters<CustomFetch>[1];

/** Metadata, keys and tokens are far below; a provider that sends more is none. */
const maxBodyBytes = 1024 * 1024;

/** No usable answer came: the way to the provider, its TLS or its patience failed. */
export class UpstreamUnreachableError extends Error {
  override readonly name = 'UpstreamUnreachableError';
}

/**
 * A `fetch` for openid-client that trusts `ca` (PEM) beside the usual authorities, follows no redirect, reads at most
 * 1 MiB and ends with the caller's signal. Rejects with nothing but `UpstreamUnreachableError`.
 */
export function createUpstreamFetch(ca: string | undefined): CustomFetch {
  const trusted = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  return async (url, options) => {
    try {
      return await exchange(new URL(url), options, trusted);
    } catch (cause) {
      throw new UpstreamUnreachableError('expected an answer of the identity provider', { cause });
    }
  };
}

interface Trusted {
  readonly ca?: string[];
}

async function exchange(url: URL, options: FetchOptions, trusted: Trusted): Promise<Response> {
  const answer = await ask(url, options, trusted);
  const body = await readBody(answer);
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  const { statusCode: status = 502 } = answer;
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

async function ask(
  url: URL,
  { method, headers, body, signal }: FetchOptions,
  trusted: Trusted,
): Promise<IncomingMessage> {
  // A connection of its own: one kept from an earlier login may be closed by the provider in the moment that a code needs it.
  const to = { method, headers, agent: false, ...(signal === undefined ? {} : { signal }) } as const;
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:' ? httpsRequest(url, { ...to, ...trusted }, resolve) : httpRequest(url, to, resolve);
    request.once('error', reject);
    request.end(toText(body));
  });
}

function toText(body: FetchOptions['body']): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('expected a form or text as request body');
}

async function readBody(answer: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) {
      answer.destroy();
      throw new TypeError(`expected at most ${maxBodyBytes} bytes`);
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
