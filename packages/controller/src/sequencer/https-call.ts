import { Agent, request } from 'node:https';
import { ControllerError } from '../controller-error.ts';

/** One call with everything bounded. */
export interface HttpsCall {
  readonly url: URL;
  readonly method: string;
  readonly token: string;
  readonly body?: string;
  /** PEM roots; nothing else is trusted. */
  readonly roots: readonly string[];
  /** Name in the certificate, where the URL is an address. */
  readonly servername?: string;
  readonly timeoutMs: number;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

const maxAnswerBytes = 64 * 1024 * 1024;

export interface HttpsCaller {
  /** Rejects with `unavailable` when there is no whole answer. */
  call(it: HttpsCall): Promise<HttpsAnswer>;
  close(): void;
}

/** A caller that keeps connections. */
export function createHttpsCaller(): HttpsCaller {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, minVersion: 'TLSv1.3' });
  return {
    call: async (it) => send(agent, it),
    close: () => agent.destroy(),
  };
}

async function send(agent: Agent, it: HttpsCall): Promise<HttpsAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpsAnswer>();
  const fail = (cause: unknown): void =>
    reject(new ControllerError('unavailable', `no answer from ${it.url.host}`, { cause, retryAfterMs: 1000 }));
  const outgoing = request(
    it.url,
    {
      agent,
      method: it.method,
      ca: [...it.roots],
      signal: AbortSignal.timeout(it.timeoutMs),
      headers: {
        authorization: `Bearer ${it.token}`,
        ...(it.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(it.servername === undefined ? {} : { servername: it.servername }),
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxAnswerBytes) incoming.destroy(new Error('answer too large'));
        else chunks.push(chunk);
      });
      incoming.on('error', fail);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
      });
    },
  );
  outgoing.on('error', fail);
  outgoing.end(it.body);
  return promise;
}
