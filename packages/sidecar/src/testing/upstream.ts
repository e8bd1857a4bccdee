/** A small application on port 0 that keeps what it received. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Upstream {
  readonly url: string;
  readonly server: Server;
  readonly received: Received[];
  /** Requests whose connection was closed before they were answered. */
  readonly closedEarly: () => number;
  close(): Promise<void>;
}

export type Handler = (req: Received, res: ServerResponse) => void;

export async function startUpstream(handler: Handler): Promise<Upstream> {
  const received: Received[] = [];
  let closedEarly = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    res.on('close', () => {
      if (!res.writableFinished) closedEarly += 1;
    });
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(one);
      handler(one, res);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    received,
    closedEarly: () => closedEarly,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Answers every request with its own id. */
export function answerJson(result: unknown): Handler {
  return ({ body }, res) => {
    const { id }: { id?: unknown } = JSON.parse(body === '' ? '{}' : body);
    const text = JSON.stringify({ jsonrpc: '2.0', id, result });
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
  };
}
