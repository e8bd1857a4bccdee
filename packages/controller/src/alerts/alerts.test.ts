import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AlertReport } from '@tachograph/protocol';
import { createMetrics, silentLogger, type Metrics } from '@tachograph/service';
import express from 'express';
import { errorHandler } from '../http/answer.ts';
import { addAlerts } from './alerts-api.ts';
import { createPodAlerts } from './pod-alerts.ts';

const pod = { namespace: 'team-a', pod: 'crm-0', podUid: 'uid-0' };
const report: AlertReport = {
  alert: 'denied-often',
  policy: 'team-a/p',
  kind: 'denials',
  subject: 'alice of https://id',
  count: 10,
  seconds: 300,
};

let server: Server;
let url: string;
let events: string[];
let metrics: Metrics;
let nowMs: number;

beforeEach(async () => {
  events = [];
  nowMs = 0;
  metrics = createMetrics();
  const app = express();
  addAlerts(app, {
    identity: {
      pod: async (token) => (token === 'of-the-pod' ? pod : undefined),
      component: async () => undefined,
    },
    takeAlert: createPodAlerts({
      events: { warn: async (about, reason, message) => void events.push(`${about.pod} ${reason} ${message}`) },
      clock: { nowMs: () => nowMs, monotonicNs: () => 0 },
      log: silentLogger,
      raised: metrics.counter('alerts_total', 'Alerts', ['kind']),
    }),
  });
  app.use(errorHandler(silentLogger));
  server = createServer(app);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1/alerts`;
});

afterEach(async () => new Promise((resolve) => void server.close(resolve)));

const send = async (body: object, token = 'of-the-pod'): Promise<number> =>
  (await fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${token}` } }))
    .status;

describe('an alert of a sidecar', () => {
  test('becomes an Event on its pod, and is counted', async () => {
    expect(await send(report)).toBe(204);
    expect(await send({ ...report, kind: 'credential_probing', alert: 'probing', subject: 'address 10.0.0.9' })).toBe(
      204,
    );
    expect(await send({ ...report, kind: 'surge', alert: 'surge', tool: 'read', count: 90, baseline: 4.5 })).toBe(204);
    expect(events).toEqual([
      'crm-0 TachographAlert alert "denied-often" of policy "team-a/p": alice of https://id had 10 calls denied in 300 s',
      'crm-0 TachographAlert alert "probing" of policy "team-a/p": address 10.0.0.9 sent 10 requests with credentials in 300 s',
      'crm-0 TachographAlert alert "surge" of policy "team-a/p": alice of https://id called read 90 times in 300 s, usually 4.5',
    ]);
    expect((await metrics.expose()).text).toContain('tachograph_alerts_total{kind="surge"} 1');
  });

  test('is taken of pods only, and in its own shape only', async () => {
    expect(await send(report, 'of-somebody-else')).toBe(401);
    expect(await send({ ...report, kind: 'other' })).toBe(400);
    expect(await send({ ...report, subject: 'x'.repeat(2000) })).toBe(400);
    expect(events).toEqual([]);
  });

  test('is only counted in a flood, until the next minute', async () => {
    for (let sent = 0; sent < 30; sent++) await send(report);
    expect(events.length).toBe(20);
    nowMs += 60_000;
    await send(report);
    expect(events.length).toBe(21);
    expect((await metrics.expose()).text).toContain('tachograph_alerts_total{kind="denials"} 31');
  });
});
