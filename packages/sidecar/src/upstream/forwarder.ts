/** The only importer of http-proxy: towards the application, with kept-alive connections. */
import { Agent, ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Stream } from 'node:stream';
import httpProxy from 'http-proxy';
import { endInSlices } from '../end-in-slices.ts';
import type { UpstreamTarget } from './target.ts';

/** A header that is the sidecar's to send: the caller's is dropped, also where there is no `value`. */
export interface OutgoingCredential {
  readonly header: string;
  readonly value?: string;
  /** What the answer's headers must not hold. */
  readonly hidden: readonly string[];
}

/** What one forwarded request needs. */
export interface Forwarding {
  /** Path and query, exactly as judged. */
  readonly target: string;
  /** The collected body; absent: there is none; `stream`: the request's own bytes, `head` read from them already. */
  readonly body?: Buffer | string;
  readonly streamed?: { readonly head: Buffer };
  /** The caller's `Authorization` goes on only where the sidecar does not check it itself. */
  readonly keepAuthorization: boolean;
  readonly credential?: OutgoingCredential;
  onResponse(answer: IncomingMessage): void;
  /** No answer came: refused, reset, or the client left first. */
  onError(error: Error): void;
}

export interface Forwarder {
  forward(req: IncomingMessage, res: ServerResponse, forwarding: Forwarding): void;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, upgrade: Upgrading): void;
  close(): void;
}

export interface Upgrading {
  readonly target: string;
  readonly keepAuthorization: boolean;
  readonly credential?: OutgoingCredential;
  onOpen(upstream: Duplex): void;
  /** The application answered with something else than 101. */
  onRefused(status: number): void;
  onError(error: Error): void;
}

const hopByHop: readonly string[] = ['keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

export function createForwarder(target: UpstreamTarget): Forwarder {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 256, scheduling: 'lifo', ...target.connection });
  const proxy = httpProxy.createProxyServer({
    target: { protocol: 'http:', host: target.host, port: target.port },
    agent,
    selfHandleResponse: true,
    toProxy: true,
  });
  return {
    forward(req, res, forwarding) {
      // With it, Node would send the headers before they are corrected.
      if (req.headers.expect !== undefined) delete req.headers.expect;
      // http-proxy tells nothing when the client left first; `Outgoing` listens itself.
      proxy.web(req, res, { buffer: new Outgoing(req, res, forwarding) }, () => undefined);
    },
    upgrade(req, socket, head, upgrade) {
      upgradeOnce(proxy, { req, socket, head }, upgrade);
    },
    close() {
      proxy.close();
      agent.destroy();
    },
  };
}

/** http-proxy pipes this into the request it has just made, before anything of it is sent: the place to correct it. */
class Outgoing extends Stream {
  private readonly req: IncomingMessage;
  private readonly res: ServerResponse;
  private forwarding: Forwarding;

  constructor(req: IncomingMessage, res: ServerResponse, forwarding: Forwarding) {
    super();
    this.req = req;
    this.res = res;
    this.forwarding = forwarding;
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    if (!(destination instanceof ClientRequest))
      throw new Error('http-proxy piped into something else than its request');
    const upstream: ClientRequest = destination;
    const { req, res, forwarding } = this;
    const { body, streamed, ...rest } = forwarding;
    // A body of many megabytes is let go of once it is sent, however long the call takes.
    this.forwarding = rest;
    correct(upstream, req, forwarding);
    let isAnswered = false;
    // A connection that is reset in mid-answer is an error of the request too; who reads the answer sees it there.
    upstream.on('error', (error) => {
      if (!isAnswered) rest.onError(error);
    });
    upstream.once('response', (answer: IncomingMessage) => {
      isAnswered = true;
      hideInHead(answer, rest.credential);
      rest.onResponse(answer);
    });
    // Closing the stream is cancellation: http-proxy alone leaves the application working for a client that left.
    res.once('close', () => {
      if (!res.writableFinished) upstream.destroy();
    });
    if (streamed === undefined) endInSlices(upstream, body);
    else stream(upstream, req, streamed.head);
    return destination;
  }
}

function stream(upstream: ClientRequest, req: IncomingMessage, head: Buffer): void {
  upstream.write(head);
  req.pipe(upstream);
}

/** Path exactly as judged (http-proxy folds slashes), no hop-by-hop headers, an answer that can be read. */
function correct(
  upstream: ClientRequest,
  req: IncomingMessage,
  { target, body, streamed, keepAuthorization, credential }: Forwarding,
): void {
  upstream.path = target;
  if (!keepAuthorization) upstream.removeHeader('authorization');
  upstream.setHeader('accept-encoding', 'identity');
  const { connection } = req.headers;
  if (connection !== undefined) dropNamed(upstream, connection);
  upstream.setHeader('connection', 'keep-alive');
  authenticate(upstream, credential);
  if (streamed !== undefined) return;
  for (const name of hopByHop) if (req.headers[name] !== undefined) upstream.removeHeader(name);
  if (body !== undefined) upstream.setHeader('content-length', Buffer.byteLength(body));
}

/** After `Connection` has had its say: no caller names this header away. */
function authenticate(upstream: ClientRequest, credential: OutgoingCredential | undefined): void {
  if (credential === undefined) return;
  upstream.removeHeader(credential.header);
  if (credential.value !== undefined) upstream.setHeader(credential.header, credential.value);
}

/** A server that echoes headers would hand the credential to the caller. */
function hideInHead(answer: IncomingMessage, credential: OutgoingCredential | undefined): void {
  if (credential === undefined || credential.hidden.length === 0) return;
  const holds = (text: string): boolean => credential.hidden.some((value) => text.includes(value));
  const { rawHeaders, statusMessage = '' } = answer;
  if (holds(statusMessage)) answer.statusMessage = '';
  if (!rawHeaders.some(holds)) return;
  // Node makes `headers` of `rawHeaders` when first asked, by their number: so before any are gone.
  for (const [name, value] of Object.entries(answer.headers)) if (holds(String(value))) delete answer.headers[name];
  answer.rawHeaders = rawHeaders.filter((_, at) => !rawHeaders.slice(at - (at % 2), at - (at % 2) + 2).some(holds));
}

function dropNamed(upstream: ClientRequest, connection: string): void {
  if (connection === 'keep-alive' || connection === 'close') return;
  for (const name of connection.split(',')) if (/^[\w-]+$/.test(name.trim())) upstream.removeHeader(name.trim());
}

interface UpgradeRequest {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgradeOnce(proxy: httpProxy, { req, socket, head }: UpgradeRequest, upgrade: Upgrading): void {
  const correctOnce = (upstream: ClientRequest, from: IncomingMessage): void => {
    if (from !== req) return;
    proxy.off('proxyReqWs', correctOnce);
    upstream.path = upgrade.target;
    if (!upgrade.keepAuthorization) upstream.removeHeader('authorization');
    authenticate(upstream, upgrade.credential);
    // Before http-proxy, which copies the answer's headers to the client.
    upstream.prependOnceListener('upgrade', (answer: IncomingMessage, opened: Duplex) => {
      hideInHead(answer, upgrade.credential);
      upgrade.onOpen(opened);
    });
    upstream.prependOnceListener('response', (answer: IncomingMessage) => {
      // http-proxy would copy the answer to the client unseen; marked as upgraded, it leaves it alone.
      Object.assign(answer, { upgrade: true });
      answer.resume();
      upgrade.onRefused(answer.statusCode ?? 502);
    });
    socket.once('close', () => upstream.destroy());
  };
  proxy.on('proxyReqWs', correctOnce);
  proxy.ws(req, socket, head, {}, (error) => upgrade.onError(error));
}
