import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTestCertificates } from './testing/test-certificates.ts';

/** An https server on this machine for `documents.client.example`, whose port only the machine reaches. */
export interface DocumentServer {
  /** `https://documents.client.example:<port>` */
  readonly origin: string;
  readonly ca: string;
  readonly requests: string[];
  close(): void;
}

export async function openDocumentServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<DocumentServer> {
  const { ca, cert, key } = createTestCertificates(['documents.client.example'], Date.now());
  const requests: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://documents.client.example:${(server.address() as AddressInfo).port}`,
    ca,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
