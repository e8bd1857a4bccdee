import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { type Agent, request as requestHttps } from 'node:https';

/** One call with everything bounded. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM roots, and nothing else is trusted; `unverified` is for an answer that proves itself. Without: those of the agent. */
  readonly roots?: readonly string[] | 'unverified';
  /** Name in the certificate, where the URL is an address. */
  readonly servername?: string;
  /** Keeps connections; without, there is one for this call. */
  readonly agent?: Agent;
  /** For all of it, the answer included. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Calls over TLS 1.3 (or plain HTTP where the URL says so). Rejects unless a whole answer came, whatever its status. */
export async function callHttp(it: HttpCall): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request = it.url.protocol === 'http:' ? requestHttp : requestHttps;
  const outgoing = request(it.url, optionsOf(it), (incoming) => {
    readWhole(incoming, it.maxAnswerBytes).then(
      (text) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      reject,
    );
  });
  outgoing.on('error', reject);
  outgoing.end(it.body);
  return await promise;
}

function optionsOf({
  method,
  headers,
  agent,
  roots,
  servername,
  timeoutMs,
}: HttpCall): Parameters<typeof requestHttps>[1] {
  return {
    method,
    agent: agent ?? false,
    minVersion: 'TLSv1.3',
    signal: AbortSignal.timeout(timeoutMs),
    ...(headers === undefined ? {} : { headers }),
    ...(roots === undefined ? {} : roots === 'unverified' ? { rejectUnauthorized: false } : { ca: [...roots] }),
    ...(servername === undefined ? {} : { servername }),
  };
}

async function readWhole(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const parts: AsyncIterable<Buffer> = incoming;
  for await (const chunk of parts) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  if (!incoming.complete) throw new Error('the answer was cut off');
  return Buffer.concat(chunks).toString('utf8');
}
