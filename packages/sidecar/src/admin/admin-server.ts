/** The admin port: health, readiness and metrics, by `node:http` alone. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Counter, Health, Metrics } from '@tachograph/service';
import type { IdentityMode } from '../call/exchange.ts';
import { tallyEvents, type Tally, type TallyEvent } from '../call/tally.ts';

export interface AdminOptions {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly tally: Tally;
  /** Who finds out who calls, now. */
  readonly identity: () => IdentityMode;
}

/** `/healthz`: the process runs. `/readyz`: it takes calls, or 503 and why not. `/metrics`: Prometheus' text. */
export function createAdminServer({ health, metrics, tally, identity }: AdminOptions): Server {
  const followTally = createTallyFollower(metrics, tally);
  const checks = metrics.gauge('identity_checked', '1 while the sidecar finds out who calls, by the caller’s token');
  return createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (req, res) => {
    req.resume();
    if (req.method !== 'GET' && req.method !== 'HEAD') return send(res, 405, 'only GET\n');
    switch (req.url ?? '') {
      case '/healthz':
        return send(res, 200, 'ok\n');
      case '/readyz':
        return sendReadiness(res, health, identity());
      case '/metrics':
        followTally();
        checks.set(identity() === 'checked' ? 1 : 0);
        metrics.expose().then(
          ({ contentType, text }) => send(res, 200, text, contentType),
          () => send(res, 500, 'metrics cannot be read\n'),
        );
        return undefined;
      default:
        return send(res, 404, 'not found\n');
    }
  });
}

function sendReadiness(res: ServerResponse, health: Health, identity: IdentityMode): void {
  const reasons = health.reasons();
  const ready = Object.keys(reasons).length === 0;
  send(
    res,
    ready ? 200 : 503,
    `${JSON.stringify({ ready, reasons, ...(identity === 'checked' ? {} : { identity }) })}\n`,
    'application/json',
  );
}

function send(res: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** Calls are counted as plain numbers; the counter catches up when somebody asks. */
function createTallyFollower(metrics: Metrics, tally: Tally): () => void {
  const counter: Counter<string> = metrics.counter('calls_total', 'Exchanges, by what became of them', ['event']);
  const seen = new Map<TallyEvent, number>();
  return () => {
    const counts = tally.counts();
    for (const event of tallyEvents) {
      counter.inc({ event }, counts[event] - (seen.get(event) ?? 0));
      seen.set(event, counts[event]);
    }
  };
}
