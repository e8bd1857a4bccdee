import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AlertReport, BundleAlert } from '@tachograph/protocol';
import { createMetrics, type Metrics } from '@tachograph/service';
import { eventually, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness, type HarnessOptions } from '../testing/harness.ts';
import { createTestIssuer } from '../testing/issuer.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

const denials: BundleAlert = { policy: 'team/p', name: 'denied-often', kind: 'denials', threshold: 2, seconds: 60 };
const probing: BundleAlert = { policy: 'team/p', name: 'probing', kind: 'credential_probing', threshold: 2 };

let upstream: Upstream;
let harness: Harness;
let metrics: Metrics;
let told: AlertReport[];

beforeEach(async () => {
  told = [];
  metrics = createMetrics();
  upstream = await startUpstream(answerJson({ content: [] }));
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

async function start(options: Partial<HarnessOptions>): Promise<void> {
  harness = await startHarness({
    upstream: upstream.url,
    metrics,
    sendAlert: async (report) => {
      told.push(report);
      return true;
    },
    ...options,
  });
}

const alertsRecorded = () =>
  harness.recorder.drafts.filter(({ kind, detail }) => kind === 'decision' && detail?.['alert'] !== undefined);

describe('an alert', () => {
  test('is a record, a metric and a report to the controller, once', async () => {
    await start({ alerts: [denials], decide: () => ({ verdict: 'deny' }) });
    for (const id of [1, 2, 3, 4]) await post(`${harness.url}/mcp`, toolCall(id));
    expect(alertsRecorded()).toEqual([
      {
        kind: 'decision',
        principal: { iss: '', sub: 'anonymous', type: 'anonymous' },
        session: expect.any(String),
        detail: {
          alert: 'denied-often',
          policy: 'team/p',
          kind: 'denials',
          subject: 'anonymous of ',
          count: 2,
          seconds: 60,
          threshold: 2,
        },
      },
    ]);
    expect(told).toEqual([
      { alert: 'denied-often', policy: 'team/p', kind: 'denials', subject: 'anonymous of ', count: 2, seconds: 60 },
    ]);
    const line = 'tachograph_alerts_total{alert="denied-often",policy="team/p",kind="denials"} 1';
    expect((await metrics.expose()).text).toContain(line);
  });

  test('holds up no call, whatever becomes of it', async () => {
    await start({ alerts: [probing], sendAlert: async () => Promise.reject(new Error('away')) });
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    for (const id of [1, 2, 3]) {
      expect(await (await post(`${harness.url}/mcp`, toolCall(id, secret))).json()).toMatchObject({ id, result: {} });
    }
    expect(alertsRecorded().length).toBe(1);
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test('is raised by tokens that are not accepted, and by none for a missing one', async () => {
    const issuer = await createTestIssuer();
    await start({ alerts: [probing], issuers: issuer.payload });
    for (let tries = 0; tries < 5; tries++) await post(`${harness.url}/mcp`, toolCall());
    expect(alertsRecorded()).toEqual([]);
    for (const token of ['guess-one', 'guess-two'])
      await post(`${harness.url}/mcp`, toolCall(), { authorization: `Bearer ${token}` });
    await eventually(() => told.length === 1, 'the controller is told');
    expect(alertsRecorded()).toMatchObject([{ detail: { alert: 'probing', subject: 'address 127.0.0.1', count: 2 } }]);
    expect(JSON.stringify(alertsRecorded())).not.toContain('guess');
  });
});
