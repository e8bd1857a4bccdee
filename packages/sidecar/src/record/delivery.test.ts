import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics, systemClock } from '@tachograph/service';
import { createRecorder, type RunningRecorder } from './create-recorder.ts';
import type { SessionKey } from './recorder.ts';
import {
  createManualTime,
  createSpoolDir,
  readRawRecords,
  testOptions,
  testSettings,
} from './recording.test-support.ts';
import type { RecorderSettings } from './settings.ts';
import { FakeController } from './testing/fake-controller.test-support.ts';
import { systemTimers } from './timers.ts';

const alice: SessionKey = { iss: 'https://issuer', sub: 'alice', clientId: 'cli', clientName: 'test' };
const controller = new FakeController();
let spoolDir = '';

beforeEach(async () => {
  spoolDir = createSpoolDir();
  controller.fault = () => undefined;
  controller.requests.length = 0;
  controller.blobs.clear();
  controller.deletionTimestamp = undefined;
  await controller.start();
});
afterEach(() => controller.stop());

function settingsOf(changed: Partial<RecorderSettings> = {}): RecorderSettings {
  const tokenFile = join(spoolDir, 'token');
  writeFileSync(tokenFile, 'pod-token\n');
  const reached = { url: controller.url, trust: controller.fingerprint, tokenFile };
  return testSettings(spoolDir, { controller: reached, ...changed });
}

/** Real time: what is tested here waits for a real network. */
function open(changed: Partial<RecorderSettings> = {}): Promise<RunningRecorder> {
  const options = testOptions(settingsOf(changed), { clock: systemClock, timers: systemTimers });
  return createRecorder({ ...options, random: () => 0 });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 3000 && !(await isTrue()); i += 1) await new Promise((resolve) => void setTimeout(resolve, 10));
  expect(await isTrue()).toBe(true);
}

function segmentsIn(dir: string): string[] {
  return readdirSync(dir).filter((file) => file.includes('.jsonl'));
}

async function record(running: RunningRecorder, count: number, body = '{}'): Promise<void> {
  const session = await running.recorder.session(alice, {});
  for (let i = 0; i < count; i += 1) {
    const call = { session, exchange: i, jsonrpc_request_id: String(i) };
    await running.recorder.append({ kind: 'mcp.request', dir: 'c2s', ...call, body });
    await running.recorder.append({ kind: 'mcp.response', dir: 's2c', ...call, body });
  }
}

describe('delivery', () => {
  test('registers the stream, ships everything at close and leaves no segment behind', async () => {
    const running = await open();
    await record(running, 10);
    await running.close();
    const records = controller.recordsOf(running.recorder.stream);
    expect(records.map((one) => one.seq)).toEqual(records.map((_, i) => i));
    expect(records.at(-1)?.kind).toBe('stream.close');
    expect(segmentsIn(join(spoolDir, running.recorder.stream))).toEqual([]);
    expect(controller.requests.indexOf('POST /v1/streams')).toBeGreaterThanOrEqual(0);
    expect([...controller.tokens]).toContain('Bearer pod-token');
  });

  test('keeps a segment whose answer is lost, and the second attempt changes nothing', async () => {
    let dropped = 0;
    controller.fault = (_method, path) => {
      if (!path.startsWith('/v1/segments/') || dropped > 0) return undefined;
      dropped += 1;
      return 'drop_answer';
    };
    const running = await open();
    await record(running, 3);
    await running.close();
    expect(dropped).toBe(1);
    const attempts = controller.requests.filter((one) => one.startsWith('PUT /v1/segments/'));
    expect(attempts).toHaveLength(2);
    expect(new Set(attempts).size).toBe(1);
    expect(segmentsIn(join(spoolDir, running.recorder.stream))).toEqual([]);
  });

  test('never deletes a segment that the controller refuses, and ships it when it no longer does', async () => {
    controller.fault = (_method, path) =>
      path.startsWith('/v1/segments/') ? { status: 422, body: { code: 'chain_broken', message: 'no' } } : undefined;
    const running = await open();
    await record(running, 3);
    await running.close();
    const dir = join(spoolDir, running.recorder.stream);
    expect(segmentsIn(dir).filter((file) => file.endsWith('.gz'))).toHaveLength(1);
    controller.fault = () => undefined;
    const next = await open();
    await until(() => !existsSync(dir));
    await next.close();
    expect(controller.recordsOf(running.recorder.stream).at(-1)?.kind).toBe('stream.close');
  });

  test('an archive record resolves only when the controller has archived it', async () => {
    let archived = false;
    controller.fault = (_method, path) => {
      if (!path.startsWith('/v1/segments/')) return undefined;
      return archived
        ? undefined
        : { status: 503, body: { code: 'unavailable', message: 'no' }, headers: { 'retry-after': '0' } };
    };
    const running = await open({ durability: 'archive' });
    let resolved = false;
    const pending = record(running, 1).then(() => (resolved = true));
    await until(() => controller.requests.filter((one) => one.startsWith('PUT /v1/segments/')).length > 1);
    expect(resolved).toBe(false);
    archived = true;
    await pending;
    expect(controller.recordsOf(running.recorder.stream).some((one) => one.kind === 'mcp.response')).toBe(true);
    await running.close();
  });

  test('ships a large body as a blob before its segment, again when the controller has lost it', async () => {
    const large = JSON.stringify({ text: 'é'.repeat(200_000) });
    let lost = false;
    controller.fault = (_method, path) => {
      if (lost || !path.startsWith('/v1/segments/')) return undefined;
      lost = true;
      controller.blobs.clear();
      return undefined;
    };
    const running = await open();
    await record(running, 1, large);
    expect(readdirSync(join(spoolDir, 'blobs'))).toHaveLength(1);
    await running.close();
    const named = controller.recordsOf(running.recorder.stream).filter((one) => one.blob !== undefined);
    expect(named.map((one) => one.body)).toEqual([undefined, undefined]);
    expect([...controller.blobs.values()].map((bytes) => bytes.toString())).toEqual([large]);
    expect(controller.requests.filter((one) => one.startsWith('PUT /v1/blobs/'))).toHaveLength(2);
    expect(readdirSync(join(spoolDir, 'blobs'))).toEqual([]);
  });

  test('gives every byte of the quota back once all is archived', async () => {
    const metrics = createMetrics();
    const options = testOptions(settingsOf({ durability: 'archive' }), { clock: systemClock, timers: systemTimers });
    const running = await createRecorder({ ...options, metrics, random: () => 0 });
    const large = 'é'.repeat(200_000);
    const session = await running.recorder.session(alice, {});
    for (const text of ['a', 'b', 'a']) {
      const bodies = Array.from({ length: 3 }, () => ({
        kind: 'mcp.notification' as const,
        session,
        body: text + large,
      }));
      await Promise.all(bodies.map((draft) => running.recorder.append(draft)));
    }
    expect(controller.blobs.size).toBe(2);
    await until(() => readdirSync(join(spoolDir, 'blobs')).length === 0);
    // The gauge follows once a second.
    await until(async () => (await metrics.expose()).text.includes('tachograph_spool_bytes 0\n'));
    await running.close();
  });

  test('reports heads, and seals every second once the pod is being deleted', async () => {
    controller.deletionTimestamp = '2026-01-01T00:00:00Z';
    const running = await open();
    await record(running, 2);
    await until(() => controller.recordsOf(running.recorder.stream).length > 4);
    const head = controller.heads.findLast((one) => one.stream === running.recorder.stream);
    expect(head?.seq).toBeGreaterThanOrEqual(0);
    await running.close();
  });

  test('refuses calls when another key holds this start of the container', async () => {
    controller.fault = (_method, path) =>
      path === '/v1/streams' ? { status: 409, body: { code: 'stream_conflict', message: 'another key' } } : undefined;
    const running = await open();
    await until(() => running.recorder.refusal() === 'stream_conflict');
    await expect(running.recorder.append({ kind: 'mcp.request', dir: 'c2s' })).rejects.toMatchObject({
      code: 'stream_conflict',
    });
    await running.close();
  });

  test('refuses new calls once the oldest unarchived record is too old', async () => {
    controller.fault = () => 'drop';
    const time = createManualTime();
    const running = await createRecorder(testOptions(settingsOf(), time));
    await record(running, 1);
    expect(running.recorder.refusal()).toBeUndefined();
    time.advance(15 * 60_000 + 2000);
    expect(running.recorder.refusal()).toBe('unarchived_too_old');
    const closed = running.close();
    const passing = setInterval(() => time.advance(5000), 50);
    await closed;
    clearInterval(passing);
  });

  test('refuses archive calls at once while the archive cannot be reached, and takes them again afterwards', async () => {
    const running = await open({ durability: 'archive' });
    await record(running, 1);
    controller.fault = (_method, path) => (path.startsWith('/v1/segments/') ? 'drop' : undefined);
    const pending = record(running, 1);
    await until(() => running.recorder.refusal() === 'unarchived_too_old');
    controller.fault = () => undefined;
    await until(() => running.recorder.refusal() === undefined);
    // Its answer was a new record, not a new call.
    await pending;
    await running.close();
  });

  test('does not wait for ever for an earlier stream whose key came too late', async () => {
    controller.fault = () => 'drop';
    const first = await open();
    await record(first, 1);
    await first.close();
    let registrations = 0;
    controller.fault = (_method, path) => {
      if (path !== '/v1/streams') return undefined;
      registrations += 1;
      return registrations > 1 ? { status: 409, body: { code: 'stream_conflict', message: 'another key' } } : undefined;
    };
    const second = await open();
    const own = join(spoolDir, second.recorder.stream);
    await until(() => readRawRecords(own).some((one) => one.kind === 'gap'));
    expect(second.recorder.refusal()).toBeUndefined();
    await second.close();
    const gaps = controller.recordsOf(second.recorder.stream).filter((one) => one.kind === 'gap');
    expect(gaps.map((one) => one.detail)).toEqual([{ cause: 'stream_not_accepted', stream: first.recorder.stream }]);
    expect(segmentsIn(join(spoolDir, first.recorder.stream)).length).toBeGreaterThan(0);
  });
});
