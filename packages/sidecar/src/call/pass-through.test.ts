import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dial, eventually, exchangeRaw, post } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const large = Buffer.alloc(3 * 1024 * 1024, 'x');

beforeEach(async () => {
  upstream = await startUpstream(({ url }, res) => {
    if (url === '/assets/large') res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(large);
    else if (url === '/assets/text') res.writeHead(200, { 'content-type': 'text/plain' }).end(`key ${secret}`);
    else res.writeHead(200, { 'content-type': 'text/html' }).end('page');
  });
  harness = await startHarness({
    upstream: upstream.url,
    environment: {
      TACHO_LISTEN: '127.0.0.1:0,in-pod=127.0.0.1:0,port-forward=127.0.0.1:0',
      TACHO_PASSTHROUGH: 'GET /assets/*,POST /hook,GET /ws',
      TACHO_HEALTH_PATHS: '/healthz',
      TACHO_NONCE: 'n-1',
    },
  });
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const listener = (index: number): string => `http://127.0.0.1:${harness.sidecar.ports()[index]}`;

describe('a listed exchange', () => {
  test('is masked as text for record and client', async () => {
    const answer = await fetch(`${harness.url}/assets/text`);
    expect(await answer.text()).toMatch(/^key \[/);
    const [request, response] = harness.recorder.drafts.slice(-2);
    expect(request).toMatchObject({ kind: 'http.exchange', dir: 'c2s', http: { method: 'GET', path: '/assets/text' } });
    expect(response).toMatchObject({ kind: 'http.exchange', outcome: 'answered', mask: { hits: 1 } });
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test('that is no text passes whole, marked as not inspected, with its bytes counted', async () => {
    const answer = await fetch(`${harness.url}/assets/large`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(large)).toBe(true);
    expect(harness.recorder.drafts.some(({ mask }) => mask?.inspected === false)).toBe(true);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({
      outcome: 'answered',
      http: { response_bytes: large.length },
    });
  });

  test('with a body is recorded with it, masked', async () => {
    await post(`${harness.url}/hook`, `note=${secret}`, { 'content-type': 'application/x-www-form-urlencoded' });
    expect(upstream.received[0]?.body).toBe(`note=${secret}`);
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test('whose body is JSON-RPC is judged all the same', async () => {
    await post(`${harness.url}/hook`, '{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(harness.recorder.drafts.some(({ kind }) => kind === 'mcp.request')).toBe(true);
  });

  test('with a large body is streamed on', async () => {
    await fetch(`${harness.url}/hook`, { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024, 'y') });
    expect(upstream.received[0]?.body).toHaveLength(20 * 1024 * 1024);
    expect(harness.recorder.drafts.some(({ mask }) => mask?.inspected === false)).toBe(true);
  });

  test.each(['/assets', '/assets/../secret', '/assets/%2e%2e/secret', '/Assets/x', '/other'])(
    'is only what is listed: not %s',
    async (path) => {
      const raw = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      expect(await exchangeRaw(harness.url, raw)).toMatch(/^HTTP\/1.1 403 /);
      expect(upstream.received).toEqual([]);
    },
  );

  test('is only the listed method', async () => {
    expect((await fetch(`${harness.url}/assets/text`, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect(upstream.received).toEqual([]);
  });
});

const upgradeTo = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;

describe('a WebSocket', () => {
  test('on a listed path works, and is recorded with byte counts and as not inspected', async () => {
    let told: unknown = 'nothing';
    upstream.server.on('upgrade', (req, socket) => {
      told = req.headers.authorization;
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.pipe(socket);
    });
    const socket = await dial(harness.url);
    let got = '';
    socket.on('data', (data: Buffer) => {
      got += data.toString();
    });
    socket.write(upgradeTo('/ws'));
    await eventually(() => got.includes('\r\n\r\n'), 'handshake');
    expect(got).toMatch(/^HTTP\/1.1 101 /);
    socket.write('hello');
    await eventually(() => got.endsWith('hello'), 'echo');
    socket.end();
    await eventually(() => harness.recorder.drafts.at(-1)?.outcome === 'answered', 'last record');
    const [opened, ended] = harness.recorder.drafts.slice(-2);
    expect(opened).toMatchObject({
      kind: 'http.exchange',
      mask: { inspected: false },
      detail: { upgrade: 'websocket' },
    });
    expect(Number(ended?.detail?.['request_bytes'])).toBeGreaterThan(0);
    expect(Number(ended?.detail?.['response_bytes'])).toBeGreaterThan(0);
    // Identity is off here, so the application may check it itself.
    expect(told).toBe('Bearer t');
  });

  test.each([
    ['on another path', '/mcp', 403],
    ['that the application refuses', '/ws', 502],
  ])('%s is refused and recorded', async (_name, path, status) => {
    expect(await exchangeRaw(harness.url, upgradeTo(path))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(harness.recorder.drafts.at(-1)?.outcome).toBe(status === 403 ? 'refused' : 'upstream_error');
  });
});

test('an offer of HTTP/2 is ignored, and the request answered', async () => {
  const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: ${body.length}`;
  await exchangeRaw(harness.url, `${head}\r\n\r\n${body}`);
  expect(upstream.received[0]?.body).toBe(body);
  expect(upstream.received[0]?.headers.upgrade).toBeUndefined();
});

describe('listeners', () => {
  test('a health path passes from within the pod only', async () => {
    expect((await fetch(`${listener(1)}/healthz`)).status).toBe(200);
    expect((await fetch(`${listener(0)}/healthz`)).status).toBe(403);
    expect((await fetch(`${listener(1)}/healthz?x=1`)).status).toBe(403);
  });

  test('the nonce is told where netguard dials, and nowhere else', async () => {
    expect(await (await fetch(`${listener(2)}/.tachograph/nonce`)).text()).toBe('n-1');
    expect((await fetch(`${listener(0)}/.tachograph/nonce`)).status).toBe(403);
    expect((await fetch(`${listener(1)}/.tachograph/nonce`)).status).toBe(403);
    expect(upstream.received).toEqual([]);
  });

  test('the record says which one the bytes came in by', async () => {
    await post(`${listener(2)}/mcp`, '{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(harness.recorder.drafts.find(({ kind }) => kind === 'mcp.request')?.origin).toBe('port-forward');
  });
});
