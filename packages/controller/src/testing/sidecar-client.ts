/** Calls the controller as a sidecar does: trust first, then TLS with the roots that it names. */
import { request } from 'node:https';
import { statementText, trustAnswer, trustPayload, type StreamRequest, type TrustPayload } from '@tachograph/protocol';
import { fingerprintOf, verifyEd25519 } from '../keys/signing-key.ts';
import type { TestSegment } from './test-stream.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  json(): unknown;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM roots; absent: TLS is not verified, as for `GET /v1/trust`. */
  readonly roots?: readonly string[];
}

export async function callHttps(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { token, body, headers, roots } = options;
  const outgoing = request(
    new URL(path, url),
    {
      method,
      agent: false,
      ...(roots === undefined ? { rejectUnauthorized: false } : { ca: [...roots] }),
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const json = (): unknown => JSON.parse(text);
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json });
      });
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

/** What `GET /v1/trust` says, checked against the fingerprint. */
export async function fetchTrust(url: string, fingerprint: string): Promise<TrustPayload> {
  const answer = trustAnswer.parse((await callHttps(url, 'GET', '/v1/trust')).json());
  const root = Buffer.from(answer.root, 'base64');
  if (fingerprintOf(root) !== fingerprint) throw new Error('another trust root');
  const { payload, sig, type } = answer.statement;
  if (!verifyEd25519(root, statementText(type, payload), Buffer.from(sig, 'base64'))) throw new Error('bad signature');
  return trustPayload.parse(JSON.parse(payload));
}

export class SidecarClient {
  readonly #url: string;
  readonly #token: string;
  readonly #roots: readonly string[];

  constructor(url: string, token: string, roots: readonly string[]) {
    this.#url = url;
    this.#token = token;
    this.#roots = roots;
  }

  async call(method: string, path: string, options: Omit<CallOptions, 'roots'> = {}): Promise<Answer> {
    return callHttps(this.#url, method, path, { token: this.#token, roots: this.#roots, ...options });
  }

  async open(opening: StreamRequest): Promise<Answer> {
    return this.call('POST', '/v1/streams', { body: JSON.stringify(opening) });
  }

  async putSegment(segment: TestSegment): Promise<Answer> {
    const headers = { 'tacho-signature': segment.signature };
    return this.call('PUT', `/v1/segments/${segment.fileName}`, { body: segment.bytes, headers });
  }
}
