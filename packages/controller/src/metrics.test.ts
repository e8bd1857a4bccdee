/** What operators watch, as `/metrics` of both programs says it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { approverAudience } from '@tachograph/protocol';
import { systemClock, type Clock } from '@tachograph/service';
import { SignJWT } from 'jose';
import { statePaths } from './state/state-files.ts';
import { demoIssuer } from './state/state-issuers.ts';
import { startInstallation, until, type Installation } from './testing/installation.ts';
import { callHttps } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';

let installation: Installation;
let aheadMs = 0;
const clock: Clock = { nowMs: () => systemClock.nowMs() + aheadMs, monotonicNs: () => systemClock.monotonicNs() };

beforeEach(async () => {
  aheadMs = 0;
  installation = await startInstallation({ clock, environment: { TACHO_CUSTODIANS: 'carol' } });
});
afterEach(async () => installation.close());

async function metric(port: number | undefined, name: string): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`tachograph_${name} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}
const ofLog = async (name: string): Promise<number | undefined> => metric(installation.sequencers[0]?.adminPort, name);
const ofController = async (name: string): Promise<number | undefined> =>
  metric(installation.controllers[0]?.adminPort, name);
const becomes = async (name: string, value: number): Promise<true> =>
  until(`${name} ${value}`, async () => ((await ofLog(name)) === value ? true : undefined));

async function openStream(number: number): Promise<{ readonly stream: TestStream; beat(seq: number): Promise<void> }> {
  const sidecar = await installation.enrol('store');
  const stream = new TestStream({ stream: uuidOf(number) });
  await sidecar.open(stream.opening);
  return {
    stream,
    async beat(seq) {
      const head = { stream: stream.stream, seq, hash: 'a'.repeat(64), durableSeq: seq };
      expect((await sidecar.call('POST', '/v1/heads', { body: JSON.stringify(head) })).status).toBeLessThan(300);
    },
  };
}

test('leaves are counted by type, and open streams', async () => {
  await openStream(1);
  await becomes('log_leaves{type="stream.open"}', 1);
  expect(await ofLog('log_open_streams')).toBe(1);
  expect(await ofLog('log_leading')).toBe(1);
  expect(await ofLog('log_leaves{type="conflict"}')).toBeUndefined();
});

test('a stream lags when it reports far more than is archived, for minutes; an idle one does not', async () => {
  const busy = await openStream(1);
  const idle = await openStream(2);
  await busy.beat(500);
  await idle.beat(60);
  await becomes('log_lag_records', 501);
  expect(await ofLog('log_lagging_streams')).toBe(0);
  aheadMs = 6 * 60_000;
  await becomes('log_lagging_streams', 1);
});

test('two bytes under one name are counted by controller and log', async () => {
  const sidecar = await installation.enrol('store');
  const stream = new TestStream({ stream: uuidOf(1) });
  await sidecar.open(stream.opening);
  stream.appendSession(uuidOf(101));
  const segment = stream.seal();
  const name = `v1/records/cluster=test/namespace=demo/dt=2026-11-21/${segment.fileName}`;
  await installation.store.create(name, Buffer.from('other bytes'));
  expect((await sidecar.putSegment(segment)).status).toBe(409);
  await becomes('log_leaves{type="conflict"}', 1);
  expect(await ofController('object_conflicts_total')).toBe(1);
});

test('a follower shows no log', async () => {
  const follower = await installation.startSequencer();
  await until('its metrics', async () => ((await metric(follower.adminPort, 'log_leading')) === 0 ? true : undefined));
  expect(await metric(follower.adminPort, 'log_size')).toBe(0);
  expect(await metric(follower.adminPort, 'log_leaves{type="key.log"}')).toBeUndefined();
});

async function report(sub: string, body: object): Promise<number> {
  const key = createPrivateKey(await readFile(statePaths.issuerKey(installation.state), 'utf8'));
  const token = await new SignJWT({ aud: approverAudience('test') })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(demoIssuer)
    .setSubject(sub)
    .setExpirationTime('1h')
    .sign(key);
  const url = installation.controllers[0]?.url ?? '';
  const answer = await callHttps(url, 'POST', '/v1/custody/verifications', { token, body: JSON.stringify(body) });
  return answer.status;
}

test('a verification is counted by its verdict, and by custodians only', async () => {
  expect(await report('mallory', { verdict: 'verified' })).toBe(403);
  expect(await report('carol', { verdict: 'fine' })).toBe(400);
  expect(await report('carol', { verdict: 'tampered', size: 7 })).toBe(200);
  expect(await ofController('verifications_total{verdict="tampered"}')).toBe(1);
  expect(await ofController('verifications_total{verdict="verified"}')).toBe(0);
  expect(await ofController('verification_size')).toBe(7);
  expect(await ofController('verification_time_seconds')).toBeGreaterThan(1.7e9);
});
