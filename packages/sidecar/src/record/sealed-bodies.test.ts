import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDecipheriv } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyContext, type StoredRecord } from '@tachograph/protocol';
import { systemClock } from '@tachograph/service';
import { createRecorder, type RunningRecorder } from './create-recorder.ts';
import type { SessionKey } from './recorder.ts';
import { createSpoolDir, testOptions, testSettings } from './recording.test-support.ts';
import type { RecorderSettings } from './settings.ts';
import { FakeController } from './testing/fake-controller.test-support.ts';
import { systemTimers } from './timers.ts';

const alice: SessionKey = { iss: 'https://issuer', sub: 'alice', clientId: 'cli', clientName: 'test' };
const secret = 'what alice asked for';
const controller = new FakeController();
let spoolDir = '';

beforeEach(async () => {
  spoolDir = createSpoolDir();
  controller.fault = () => undefined;
  controller.requests.length = 0;
  controller.sessionKeys.clear();
  controller.blobs.clear();
  await controller.start();
});
afterEach(() => controller.stop());

function open(changed: Partial<RecorderSettings> = {}): Promise<RunningRecorder> {
  const tokenFile = join(spoolDir, 'token');
  writeFileSync(tokenFile, 'pod-token\n');
  const reached = { url: controller.url, trust: controller.fingerprint, tokenFile };
  const settings = testSettings(spoolDir, { controller: reached, sealsBodies: true, ...changed });
  const options = testOptions(settings, { clock: systemClock, timers: systemTimers });
  return createRecorder({ ...options, random: () => 0 });
}

async function record({ recorder }: RunningRecorder, body: string): Promise<string> {
  const session = await recorder.session(alice, {});
  await recorder.append({ kind: 'mcp.request', dir: 'c2s', session, exchange: 0, jsonrpc_request_id: '0', body });
  return session;
}

function opened(sealed: Buffer, { stream, session = '' }: StoredRecord): string {
  const key = Buffer.from(controller.sessionKeys.get(session) ?? '', 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(bodyContext(stream, session))).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString();
}

function requestOf(running: RunningRecorder): StoredRecord {
  const found = controller.recordsOf(running.recorder.stream).find(({ kind }) => kind === 'mcp.request');
  if (found === undefined) throw new Error('no request was shipped');
  return found;
}

function filesOf(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('a body is archived under a key of its session, which arrives before the segment', async () => {
  const running = await open();
  const session = await record(running, secret);
  for (const file of filesOf(spoolDir)) expect(readFileSync(file).includes(secret)).toBe(false);
  await running.close();
  const request = requestOf(running);
  expect(request.enc).toBe('A256GCM');
  expect(opened(Buffer.from(request.body ?? '', 'base64'), request)).toBe(secret);
  const paths = controller.requests.filter((one) => one.startsWith('PUT /v1/se'));
  expect(paths[0]).toBe(`PUT /v1/session-keys/${session}`);
  expect(readdirSync(join(spoolDir, 'keys'))).toEqual([]);
});

test('a body over 256 KiB is a sealed blob', async () => {
  const body = JSON.stringify({ text: secret.repeat(20_000) });
  const running = await open();
  await record(running, body);
  await running.close();
  const request = requestOf(running);
  expect(request).toMatchObject({ enc: 'A256GCM', blob: { size: Buffer.byteLength(body) + 28 } });
  const [blob = Buffer.alloc(0)] = controller.blobs.values();
  expect(opened(blob, request)).toBe(body);
});

test('two sessions have two keys, and a body cannot stand in the place of another session', async () => {
  const running = await open();
  await record(running, secret);
  const other = await running.recorder.session({ ...alice, sub: 'bob' }, {});
  await running.close();
  const request = requestOf(running);
  expect(new Set(controller.sessionKeys.values()).size).toBe(controller.sessionKeys.size);
  const sealed = Buffer.from(request.body ?? '', 'base64');
  expect(() => opened(sealed, { ...request, session: other })).toThrow('unable to authenticate');
});

test('a key that no controller took is handed over by the next start', async () => {
  controller.fault = () => 'drop';
  const first = await open();
  const session = await record(first, secret);
  await first.close();
  expect(controller.sessionKeys.has(session)).toBe(false);
  controller.fault = () => undefined;
  const next = await open({ sealsBodies: false });
  await next.close();
  expect(opened(Buffer.from(requestOf(first).body ?? '', 'base64'), requestOf(first))).toBe(secret);
});

test('where bodies are not sealed nothing of it is in record or spool', async () => {
  const running = await open({ sealsBodies: false });
  await record(running, secret);
  await running.close();
  expect(requestOf(running)).toMatchObject({ body: secret });
  expect(requestOf(running).enc).toBeUndefined();
  expect(readdirSync(spoolDir)).not.toContain('keys');
});
