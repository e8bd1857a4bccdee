import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundlePayload, JwksPayload } from '@tachograph/protocol';
import { silentLogger, systemClock } from '@tachograph/service';
import type { LoginAnswer, LoginCall } from '../auth-proxy/login-port.ts';
import { createSpoolDir } from '../record/recording.test-support.ts';
import { FakeController } from '../record/testing/fake-controller.test-support.ts';
import { systemTimers } from '../record/timers.ts';
import { ControllerClient } from './controller-client.ts';

let controller = new FakeController();
let spoolDir = '';
const clients: ControllerClient[] = [];

beforeEach(async () => {
  controller = new FakeController();
  spoolDir = createSpoolDir();
  writeFileSync(join(spoolDir, 'token'), 'first');
  await controller.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.stop();
  await controller.stop();
});

function open(changed: { trust?: string } = {}): ControllerClient {
  const client = new ControllerClient({
    settings: { url: controller.url, trust: controller.fingerprint, tokenFile: join(spoolDir, 'token'), ...changed },
    spoolDir,
    workload: { cluster: 'c', namespace: 'ns', workload: 'w', pod: 'w-0', podUid: 'uid' },
    clock: systemClock,
    timers: systemTimers,
    log: silentLogger,
    random: () => 0,
  });
  clients.push(client);
  client.start();
  return client;
}

function bundleOf(version: number, changed: Partial<BundlePayload> = {}): { etag: string; payload: BundlePayload } {
  const payload: BundlePayload = {
    v: 1,
    workload: 'tachograph://c/ns/w',
    version,
    issuedAt: new Date(Date.now() + version).toISOString(),
    notAfter: '2049-01-01T00:00:00Z',
    default: 'allow',
    rules: [],
    masking: {},
    durabilityFloor: 'process',
    ...changed,
  };
  return { etag: `"${JSON.stringify(payload).length}-${version}-${payload.notAfter}"`, payload };
}

const keySet: JwksPayload = { v: 1, issuedAt: '2026-01-01T00:00:00Z', notAfter: '2049-01-01T00:00:00Z', issuers: [] };

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !isTrue(); i += 1) await new Promise((resolve) => void setTimeout(resolve, 10));
  expect(isTrue()).toBe(true);
}

/** Long enough for several polls. */
async function polls(count: number): Promise<void> {
  const seen = controller.requests.filter((one) => one === 'GET /v1/bundle').length;
  await until(() => controller.requests.filter((one) => one === 'GET /v1/bundle').length >= seen + count);
}

test('tells the controller of an alert, and whether it has it', async () => {
  controller.bundle = bundleOf(1);
  const client = open();
  await until(() => client.bundle.current() !== undefined);
  const report = { alert: 'a', policy: 'ns/p', kind: 'denials', subject: 'alice of i', count: 9, seconds: 60 } as const;
  expect(await client.sendAlert(report)).toBe(false);
  controller.fault = (method, path) => (`${method} ${path}` === 'POST /v1/alerts' ? { status: 204 } : undefined);
  expect(await client.sendAlert(report)).toBe(true);
  await controller.stop();
  expect(await client.sendAlert(report)).toBe(false);
});

test('asks the controller about a token, and takes nothing but its answer for one', async () => {
  controller.bundle = bundleOf(1);
  const client = open();
  await until(() => client.bundle.current() !== undefined);
  const answering = (status: number, body: object): void => {
    controller.fault = (_method, path) => (path === '/v1/reviews' ? { status, body } : undefined);
  };
  answering(200, { active: true, expiresAt: '2026-11-21T12:00:00Z', ttlSeconds: 60 });
  expect(await client.reviewToken('t')).toEqual({ kind: 'active', ttlMs: 60_000 });
  answering(200, { active: false, ttlSeconds: 5 });
  expect(await client.reviewToken('t')).toEqual({ kind: 'inactive', ttlMs: 5000 });
  for (const [status, body] of [
    [200, { active: true, ttlSeconds: 61 }],
    [200, { active: 'yes', ttlSeconds: 1 }],
    [401, { code: 'unauthenticated', message: 'the token proves no pod' }],
    [404, { code: 'not_found', message: 'this installation has no API server to ask' }],
    [503, { code: 'unavailable', message: 'the token cannot be reviewed now' }],
  ] as const) {
    answering(status, body);
    expect(await client.reviewToken('t')).toEqual({ kind: 'unavailable' });
  }
  await controller.stop();
  expect(await client.reviewToken('t')).toEqual({ kind: 'unavailable' });
});

async function ready(): Promise<ControllerClient> {
  const client = open();
  await until(() => client.bundle.current() !== undefined);
  return client;
}

describe('the way to the auth server', () => {
  const path = '/as/ns/w/token';
  const ask = async (client: ControllerClient, more: Partial<LoginCall> = {}): Promise<LoginAnswer> =>
    client.login.call({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('code=c'),
      timeoutMs: 30_000,
      maxAnswerBytes: 1000,
      signal: new AbortController().signal,
      ...more,
    });
  const sent = (): number => controller.requests.filter((one) => one === `POST ${path}`).length;

  beforeEach(() => {
    controller.bundle = bundleOf(1);
  });

  test('carries the pod’s token, and a redirect is an answer like any other', async () => {
    const client = await ready();
    controller.fault = (_method, asked) =>
      asked === path ? { status: 303, headers: { location: '/v1/bundle' } } : undefined;
    expect(await ask(client)).toMatchObject({ kind: 'answer', status: 303, headers: { location: '/v1/bundle' } });
    expect(controller.tokens).toContain('Bearer first');
    expect(sent()).toBe(1);
  });

  test.each(['drop', 'drop_answer'] as const)(
    'sends nothing twice (%s): a code that arrives twice counts as stolen',
    async (fault) => {
      const client = await ready();
      controller.fault = () => undefined;
      await ask(client);
      controller.fault = (_method, asked) => (asked === path ? fault : undefined);
      const before = sent();
      expect(await ask(client)).toMatchObject({ kind: 'unreachable' });
      expect(sent() - before).toBe(1);
    },
  );

  test('gives up an answer that is too large, and a call that nobody waits for', async () => {
    const client = await ready();
    controller.fault = (_method, asked) => (asked === path ? { status: 200, body: 'x'.repeat(2000) } : undefined);
    expect(await ask(client)).toMatchObject({ kind: 'unreachable' });
    expect(await ask(client, { maxAnswerBytes: 10_000 })).toMatchObject({ kind: 'answer', status: 200 });
    expect(await ask(client, { signal: AbortSignal.abort() })).toMatchObject({ kind: 'unreachable' });
  });

  test('is not taken before the controller has proved itself', async () => {
    const client = open({ trust: `sha256:${'0'.repeat(64)}` });
    await until(() => controller.requests.includes('GET /v1/trust'));
    expect(await ask(client)).toMatchObject({ kind: 'unreachable' });
    expect(sent()).toBe(0);
  });
});

describe('trust', () => {
  test('brings bundle and issuers into force and tells the listeners', async () => {
    controller.bundle = bundleOf(1);
    controller.jwks = { etag: '"1"', payload: keySet };
    const client = open();
    const versions: number[] = [];
    client.bundle.onChange(({ payload }) => void versions.push(payload.version));
    await until(() => client.bundle.current() !== undefined && client.jwks.current() !== undefined);
    controller.bundle = bundleOf(2);
    await until(() => client.bundle.current()?.payload.version === 2);
    expect(versions).toEqual([1, 2]);
    expect(client.bundle.current()?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('sends no token to a controller whose root has another fingerprint', async () => {
    controller.bundle = bundleOf(1);
    const client = open({ trust: `sha256:${'0'.repeat(64)}` });
    await until(() => controller.requests.length > 1);
    expect(await client.reportHead({ stream: 's', seq: 0, hash: '', durableSeq: 0 })).toBeUndefined();
    expect(new Set(controller.requests)).toEqual(new Set(['GET /v1/trust']));
    expect([...controller.tokens]).toEqual(['']);
  });

  test('sends no token when the trust statement has expired', async () => {
    controller.trustNotAfter = '2020-01-01T00:00:00Z';
    open();
    await until(() => controller.requests.length > 1);
    expect([...controller.tokens]).toEqual(['']);
  });

  test('sends no token to a server that the statement does not name', async () => {
    controller.bundle = bundleOf(1);
    const client = open();
    await until(() => client.bundle.current() !== undefined);
    const impostor = new FakeController();
    await controller.stop();
    await impostor.startAt(controller);
    await client.reportHead({ stream: 's', seq: 0, hash: '', durableSeq: 0 });
    expect(impostor.requests.filter((one) => one !== 'GET /v1/trust')).toEqual([]);
    await impostor.stop();
  });

  test('follows a new serving authority', async () => {
    controller.bundle = bundleOf(1);
    const client = open();
    await until(() => client.bundle.current() !== undefined);
    await controller.rotate();
    controller.bundle = bundleOf(2);
    await until(() => client.bundle.current()?.payload.version === 2);
  });

  test('believes its cache while the controller is down', async () => {
    controller.bundle = bundleOf(3);
    const first = open();
    await until(() => first.bundle.current() !== undefined);
    await until(() => existsSync(join(spoolDir, 'bundle.json')));
    first.stop();
    await controller.stop();
    const second = open();
    expect(second.bundle.current()?.payload.version).toBe(3);
    await controller.start();
  });

  test('repeats a call whose kept connection was closed under it', async () => {
    controller.bundle = bundleOf(1);
    const client = open();
    await until(() => client.bundle.current() !== undefined);
    const head = { stream: 's', seq: 0, hash: '', durableSeq: 0 };
    await client.reportHead(head);
    let dropped = 0;
    controller.fault = (_method, path) => (path === '/v1/heads' && (dropped += 1) === 1 ? 'drop' : undefined);
    expect(await client.reportHead(head)).toEqual({});
    expect(dropped).toBe(2);
  });

  test('reads the token again for every call', async () => {
    controller.bundle = bundleOf(1);
    const client = open();
    await until(() => client.bundle.current() !== undefined);
    writeFileSync(join(spoolDir, 'token'), 'second\n');
    await until(() => controller.tokens.has('Bearer second'));
  });
});

describe('a bundle', () => {
  test.each<[string, Partial<BundlePayload>]>([
    ['of a lower version', { version: 4 }],
    ['that has expired', { version: 6, notAfter: '2020-01-01T00:00:00Z' }],
    ['of another workload', { version: 6, workload: 'tachograph://c/ns/other' }],
    ['that was issued earlier', { version: 6, issuedAt: '2020-01-01T00:00:00Z' }],
  ])('%s is refused', async (_name, changed) => {
    controller.bundle = bundleOf(5);
    const client = open();
    await until(() => client.bundle.current() !== undefined);
    controller.bundle = bundleOf(changed.version ?? 6, changed);
    await polls(2);
    expect(client.bundle.current()?.payload.version).toBe(5);
  });

  test('signed by a key that the trust statement does not name is refused', async () => {
    controller.bundle = bundleOf(1);
    controller.signWithRoot = true;
    const client = open();
    await polls(2);
    expect(client.bundle.current()).toBeUndefined();
  });

  test('that is changed on its way is refused', async () => {
    controller.bundle = bundleOf(1);
    const client = open();
    await until(() => client.bundle.current() !== undefined);
    await until(() => existsSync(join(spoolDir, 'bundle.json')));
    const cached = readFileSync(join(spoolDir, 'bundle.json'), 'utf8');
    const changed = cached.replace('\\"default\\":\\"allow\\"', '\\"default\\":\\"deny\\"');
    expect(changed).not.toBe(cached);
    expect(await client.bundle.offer(changed)).toEqual({ kind: 'refused', reason: 'bad_signature' });
  });
});
