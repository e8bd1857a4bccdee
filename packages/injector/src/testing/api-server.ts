/** Calls a webhook as the API server does: TLS, trusting only the bundle, asking for the Service's name. */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface CallOptions {
  readonly port: number;
  readonly caBundle: string;
  readonly path: string;
  readonly servername?: string;
  readonly method?: string;
  readonly body?: unknown;
}

export async function callWebhook(options: CallOptions): Promise<HttpAnswer> {
  const { port, caBundle, path, servername = 'tachograph-injector.tachograph.svc' } = options;
  const payload = typeof options.body === 'string' ? options.body : JSON.stringify(options.body ?? {});
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'POST',
        ca: caBundle,
        servername,
        agent: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
      },
      (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, body: parse(body) }),
          (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
