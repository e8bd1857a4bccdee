import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHealth, createMetrics } from '@tachograph/service';
import type { IdentityMode } from '../call/exchange.ts';
import { createTally } from '../call/tally.ts';
import { createAdminServer } from './admin-server.ts';
import { createProbeServer } from './probe-server.ts';

const servers: Server[] = [];
const checked = (): IdentityMode => 'checked';

async function listen(server: Server): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe('the admin port', () => {
  test('says why calls are refused', async () => {
    const health = createHealth();
    let reason: string | undefined = 'spool_full';
    health.add('recorder', () => reason);
    const port = await listen(
      createAdminServer({ health, metrics: createMetrics(), tally: createTally(), identity: checked }),
    );
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ready: false, reasons: { recorder: 'spool_full' } });
    reason = undefined;
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });

  test('says who finds out who calls, where the sidecar does not', async () => {
    let identity: IdentityMode = 'record-only';
    const options = { health: createHealth(), metrics: createMetrics(), tally: createTally() };
    const port = await listen(createAdminServer({ ...options, identity: () => identity }));
    const read = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    expect(JSON.parse(await read('/readyz'))).toEqual({ ready: true, reasons: {}, identity: 'record-only' });
    expect(await read('/metrics')).toContain('tachograph_identity_checked 0');
    identity = 'checked';
    expect(JSON.parse(await read('/readyz'))).toEqual({ ready: true, reasons: {} });
    expect(await read('/metrics')).toContain('tachograph_identity_checked 1');
  });

  test('counts each call once, however often it is asked', async () => {
    const tally = createTally();
    const port = await listen(
      createAdminServer({ health: createHealth(), metrics: createMetrics(), tally, identity: checked }),
    );
    tally.add('denied');
    tally.add('denied');
    await fetch(`http://127.0.0.1:${port}/metrics`);
    tally.add('denied');
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain(
      'tachograph_calls_total{event="denied"} 3',
    );
  });
});

describe('probes', () => {
  test('are made exactly as declared, and nothing else is', async () => {
    const seen: string[] = [];
    const app = await listen(
      createServer((req, res) => {
        seen.push(`${req.method} ${req.url} ${String(req.headers['x-probe'])}`);
        res.writeHead(req.url === '/live' ? 200 : 500).end('a page with secrets');
      }),
    );
    const counted: string[] = [];
    const probes = {
      mcp: {
        liveness: { type: 'http', port: app, path: '/live', headers: { 'x-probe': '1' } },
        readiness: { type: 'http', port: app, path: '/ready' },
        startup: { type: 'tcp', port: app },
        preStop: { type: 'tcp', port: 1 },
        postStart: { type: 'grpc', port: app },
      },
    } as const;
    const port = await listen(createProbeServer(probes, (key) => counted.push(key)));
    const probe = async (path: string, method = 'GET'): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/probe/${path}`, { method })).status;
    expect(await probe('mcp/liveness')).toBe(200);
    expect(await probe('mcp/readiness')).toBe(500);
    expect(await probe('mcp/startup')).toBe(200);
    expect(await probe('mcp/preStop')).toBe(502);
    expect(await probe('mcp/postStart')).toBe(501);
    for (const path of ['mcp/liveness?x', 'mcp/toString', '__proto__/liveness', 'other/liveness', 'mcp/liveness/']) {
      expect(await probe(path)).toBe(404);
    }
    expect(await probe('mcp/liveness', 'POST')).toBe(404);
    expect(seen).toEqual(['GET /live 1', 'GET /ready undefined']);
    expect(counted).toHaveLength(5);
    expect(await (await fetch(`http://127.0.0.1:${port}/probe/mcp/liveness`)).text()).toBe('probed\n');
  });
});
