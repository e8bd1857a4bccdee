import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';

type AnyServer = HttpServer | HttpsServer;

/** Resolves when the server listens; rejects when it cannot. Port 0 takes any free one. */
export async function listen(server: AnyServer, at: { readonly host: string; readonly port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The port that a listening server has. */
export function portOf(server: AnyServer): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const graceMs = 1000;

/** Stops listening, lets running requests end for a moment, then drops what is left. */
export async function closeServer(server: AnyServer): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
