/** Step 1: one server per listener. What Node itself refuses is counted too, and gets a clear answer. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { handleRequest } from './pipeline.ts';
import type { CallContext, Entry } from './ports.ts';
import { handleUpgrade } from './upgrade.ts';

/** How long a client may take to send, and how much of it headers may be. */
export interface ReceiveLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

export function createListener(context: CallContext, entry: Entry, limits: ReceiveLimits): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // How late a timeout may be noticed.
      connectionsCheckingInterval: Math.max(100, Math.min(5_000, limits.headersTimeoutMs / 2)),
      maxHeaderSize: limits.maxHeaderBytes,
      keepAliveTimeout: 75_000,
      noDelay: true,
      // Anything else than a WebSocket (h2c) is a hint that a server may ignore, and does.
      shouldUpgradeCallback: ({ method, headers }) =>
        method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket',
    },
    (req, res) => handleRequest(context, entry, req, res),
  );
  // Node drops headers over the count silently; none may be dropped, so they are counted later.
  server.maxHeadersCount = 0;
  server.timeout = 0;
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) =>
    handleUpgrade(context, entry, { req, socket, head }),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
    refuseBroken(context, entry, error, socket),
  );
  return server;
}

interface BrokenAnswer {
  readonly status: string;
  readonly reason: string;
  readonly text: string;
}

const broken: Readonly<Record<string, BrokenAnswer>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    reason: 'headers_too_large',
    text: 'the headers are larger than this server accepts',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: '413 Payload Too Large',
    reason: 'too_large',
    text: 'the chunk extensions are too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    reason: 'request_timeout',
    text: 'the request was not sent in time',
  },
};

const malformed: BrokenAnswer = {
  status: '400 Bad Request',
  reason: 'http_malformed',
  text: 'the request is not valid HTTP',
};

/** The client has left: nothing is refused to it. */
const leaves: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

function refuseBroken(context: CallContext, { origin }: Entry, error: NodeJS.ErrnoException, socket: Duplex): void {
  const answer = broken[error.code ?? ''] ?? malformed;
  if (!leaves.has(error.code ?? '')) {
    const source = socket instanceof Socket ? (socket.remoteAddress ?? 'unknown') : 'unknown';
    context.tally.add('refused');
    context.refusals.count({ source, reason: answer.reason, origin });
  }
  if (!socket.writable) return void socket.destroy();
  const body = `${answer.text}\n`;
  socket.end(
    `HTTP/1.1 ${answer.status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return undefined;
}
