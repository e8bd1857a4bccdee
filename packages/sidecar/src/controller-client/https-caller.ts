import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** One call to the controller. */
export interface HttpsCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
  /** Gives the call up: the answer is then `unreachable`. */
  readonly signal?: AbortSignal;
  /** Default: 8 MiB. */
  readonly maxAnswerBytes?: number;
}

/** `unreachable`: no whole answer came; what the controller did is unknown. */
export type HttpsAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly kind: 'unreachable'; readonly error: Error };

/** A kept connection was closed while the call was on its way. */
interface Stale {
  readonly kind: 'stale';
  readonly error: Error;
}

/** How connections are kept. */
export interface Connections {
  readonly maxSockets: number;
  /** False: one for each call, so that none meets a connection which the server is just closing, and none is sent twice. */
  readonly kept: boolean;
}

const usualConnections: Connections = { maxSockets: 6, kept: true };

const maxAnswerBytes = 8 * 1024 * 1024;

/** Calls one origin over TLS 1.3 with a given set of roots. `node:https`, because `fetch` would cost every pod 15 MB. */
export class HttpsCaller {
  readonly #origin: URL;
  readonly #connections: Connections;
  #agent: Agent;

  /** `roots`: PEM certificates, the only ones believed; `unverified` is for the trust statement alone, which proves itself. */
  constructor(origin: string, roots: readonly string[] | 'unverified', connections = usualConnections) {
    this.#origin = new URL(origin);
    this.#connections = connections;
    this.#agent = createAgent(roots, connections);
  }

  /** New roots for new connections. */
  setRoots(roots: readonly string[]): void {
    this.#agent.destroy();
    this.#agent = createAgent(roots, this.#connections);
  }

  /** Never rejects. On kept connections every call may be repeated: one that met a connection which the server was just closing is sent again. */
  async call(it: HttpsCall): Promise<HttpsAnswer> {
    const first = await this.#send(it);
    return first.kind === 'stale' ? await this.#sendLast(it) : first;
  }

  async #sendLast(it: HttpsCall): Promise<HttpsAnswer> {
    const answer = await this.#send(it);
    return answer.kind === 'stale' ? { kind: 'unreachable', error: answer.error } : answer;
  }

  #send(it: HttpsCall): Promise<HttpsAnswer | Stale> {
    return new Promise((resolve) => {
      const fail = (error: Error): void => resolve({ kind: 'unreachable', error });
      const length = it.body === undefined ? {} : { 'content-length': Buffer.byteLength(it.body) };
      const headers = { ...it.headers, ...length };
      const timeout = AbortSignal.timeout(it.timeoutMs);
      const signal = it.signal === undefined ? timeout : AbortSignal.any([timeout, it.signal]);
      const options = { agent: this.#agent, method: it.method, headers, signal };
      const outgoing = request(new URL(it.path, this.#origin), options, (incoming) => {
        readWhole(incoming, { maxBytes: it.maxAnswerBytes ?? maxAnswerBytes, fail }, (body) => {
          resolve({ kind: 'answer', status: incoming.statusCode ?? 0, headers: incoming.headers, body });
        });
      });
      outgoing.on('error', (error) => {
        if (outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET') resolve({ kind: 'stale', error });
        else fail(error);
      });
      outgoing.end(it.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function createAgent(roots: readonly string[] | 'unverified', { maxSockets, kept }: Connections): Agent {
  const shared = { keepAlive: kept, maxSockets, minVersion: 'TLSv1.3' } as const;
  if (roots === 'unverified') return new Agent({ ...shared, keepAlive: false, rejectUnauthorized: false });
  return new Agent({ ...shared, ca: [...roots] });
}

interface Reading {
  readonly maxBytes: number;
  readonly fail: (error: Error) => void;
}

function readWhole(incoming: IncomingMessage, { maxBytes, fail }: Reading, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) incoming.destroy(new Error(`answer of more than ${maxBytes} bytes`));
    else chunks.push(chunk);
  });
  incoming.on('error', fail);
  incoming.on('aborted', () => fail(new Error('answer cut off')));
  incoming.on('end', () => done(Buffer.concat(chunks)));
}
