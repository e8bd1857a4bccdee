/** Health and metrics on a plain port of their own: nothing of the recordings is reachable there. */
import { createServer } from 'node:http';
import type { Health, Metrics } from '@tachograph/service';
import express from 'express';
import { closeServer, listen, portOf } from './listen.ts';

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function startAdminServer(
  at: { readonly host: string; readonly port: number },
  health: Health,
  metrics: Metrics,
): Promise<AdminServer> {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const reasons = health.reasons();
    response.status(Object.keys(reasons).length === 0 ? 200 : 503).json({ reasons });
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics.expose();
    response.set('Content-Type', contentType).send(text);
  });
  const server = createServer(app);
  await listen(server, at);
  return { port: portOf(server), close: async () => closeServer(server) };
}
