import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { UpstreamSpec } from '@tachograph/protocol';
import { eventually, exchangeRaw, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Received, type Upstream } from '../testing/upstream.ts';

const value = 'k9-upstream-value/3+x=';
const spec: UpstreamSpec = { header: 'X-Api-Key', secret: { name: 'crm', key: 'token' } };

let upstream: Upstream;
let harness: Harness;
let text: string | undefined;
let nowNs = 1e9;

beforeEach(() => {
  text = value;
  nowNs = 1e9;
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

interface Options {
  readonly handler?: (received: Received, res: ServerResponse) => void;
  readonly spec?: UpstreamSpec;
  readonly environment?: Readonly<Record<string, string>>;
}

async function start(options: Options = {}): Promise<void> {
  upstream = await startUpstream(options.handler ?? echo);
  harness = await startHarness({
    upstream: upstream.url,
    environment: { TACHO_UPSTREAM_CREDENTIAL_FILE: '/credential', ...options.environment },
    clock: { nowMs: () => Date.UTC(2026, 0, 1), monotonicNs: () => nowNs },
    credential: {
      spec: options.spec ?? spec,
      readFile: () => {
        if (text === undefined) throw new Error('ENOENT');
        return text;
      },
    },
  });
}

/** A server that tells everything it got. */
function echo({ body, headers }: Received, res: ServerResponse): void {
  const { id = null }: { id?: unknown } = body === '' ? {} : JSON.parse(body);
  const result = { content: [{ type: 'text', text: JSON.stringify(headers) }], structuredContent: headers };
  res.writeHead(200, `OK ${value}`, {
    'content-type': 'application/json',
    'x-echo': `got ${value}`,
    'x-other': 'stays',
  });
  res.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

function echoEvents({ body, headers }: Received, res: ServerResponse): void {
  const { id }: { id: unknown } = JSON.parse(body);
  const result = { content: [{ type: 'text', text: JSON.stringify(headers) }] };
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.end(`: ${value}\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
}

const recorded = (): string => JSON.stringify(harness.recorder.drafts);

describe('the credential of a policy', () => {
  test('reaches the server with every request, and nothing that the caller sends in its place', async () => {
    await start();
    await post(`${harness.url}/mcp`, toolCall(), { 'x-api-key': 'the caller’s own'.replace('’', '') });
    await fetch(`${harness.url}/mcp`, { headers: { accept: 'text/event-stream' } });
    await fetch(`${harness.url}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': 'x' } });
    expect(upstream.received.map(({ headers }) => headers['x-api-key'])).toEqual([value, value, value]);
  });

  test('is not named away by Connection, nor doubled', async () => {
    await start();
    const body = toolCall();
    await exchangeRaw(
      harness.url,
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: X-Api-Key, close\r\nX-API-KEY: a\r\nx-api-key: b\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(upstream.received.map(({ headers }) => headers['x-api-key'])).toEqual([value]);
  });

  test('replaces Authorization where it is that header, with its prefix', async () => {
    await start({ spec: { ...spec, header: 'Authorization', prefix: 'Bearer ' } });
    await post(`${harness.url}/mcp`, toolCall(), { authorization: 'Bearer of-the-caller' });
    expect(upstream.received[0]?.headers.authorization).toBe(`Bearer ${value}`);
  });

  test('is seen neither by the caller nor in a record, though the server tells it', async () => {
    await start();
    const response = await post(`${harness.url}/mcp`, toolCall());
    const seen = `${response.statusText} ${JSON.stringify([...response.headers])} ${await response.text()}`;
    expect(seen).not.toContain('k9-upstream');
    expect(seen).toContain('[REDACTED:upstream-credential]');
    expect(response.headers.get('x-other')).toBe('stays');
    expect(recorded()).not.toContain('k9-upstream');
    expect(recorded()).toContain('upstream-credential');
  });

  test('is hidden in events and their comments', async () => {
    await start({ handler: echoEvents });
    const seen = await (await post(`${harness.url}/mcp`, toolCall())).text();
    expect(seen).toContain('[REDACTED:upstream-credential]');
    expect(seen + recorded()).not.toContain('k9-upstream');
  });

  test.each([
    ['id', `id: ${value}\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n`],
    ['endpoint', `event: endpoint\ndata: /message?key=${value}\n\n`],
  ])('is withheld in the %s of an event', async (_where, event) => {
    await start({
      handler: (_received, res) => void res.writeHead(200, { 'content-type': 'text/event-stream' }).end(event),
    });
    const seen = await (await post(`${harness.url}/mcp`, toolCall())).text();
    expect(seen + recorded()).not.toContain('k9-upstream');
    expect(recorded()).toContain('withheld');
  });

  test('follows its file', async () => {
    await start();
    await post(`${harness.url}/mcp`, toolCall(1));
    text = 'the-next-value';
    nowNs += 1e9;
    await post(`${harness.url}/mcp`, toolCall(2));
    expect(upstream.received.map(({ headers }) => headers['x-api-key'])).toEqual([value, 'the-next-value']);
    expect(recorded()).not.toContain('the-next-value');
  });

  test('that is missing has calls refused, with the reason, recorded; and the pod unready', async () => {
    await start();
    text = undefined;
    const reason = 'key token of Secret crm is not there, or empty';
    const response = await post(`${harness.url}/mcp`, toolCall());
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining(reason)]);
    expect(upstream.received).toEqual([]);
    expect(harness.sidecar.reasons()).toMatchObject({ credential: reason });
    expect(recorded()).toContain(reason);
  });

  test('is not sent where the pod mounts another Secret than the policy names', async () => {
    await start({ environment: { TACHO_UPSTREAM_SECRET: 'erp/token' } });
    const response = await post(`${harness.url}/mcp`, toolCall());
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('restart the pod')]);
    expect(upstream.received).toEqual([]);
  });

  test('is not lent to those whom nobody has identified', async () => {
    await start({
      environment: { TACHO_LISTEN: 'in-pod=127.0.0.1:0', TACHO_HEALTH_PATHS: '/healthz' },
      handler: (_received, res) => void res.end('ok'),
    });
    expect(await (await fetch(`${harness.url}/healthz`, { headers: { 'x-api-key': 'mine' } })).text()).toBe('ok');
    await eventually(() => upstream.received.length === 1, 'the health check arrives');
    expect(upstream.received[0]?.headers['x-api-key']).toBeUndefined();
  });

  test('is hidden in long answers too', async () => {
    const pad = 'row, '.repeat(60_000);
    await start({
      handler: ({ body, headers }, res) => {
        const { id }: { id: unknown } = JSON.parse(body);
        const result = { content: [{ type: 'text', text: `${pad}${String(headers['x-api-key'])}${pad}` }] };
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      },
    });
    const seen = await (await post(`${harness.url}/mcp`, toolCall())).text();
    expect(seen.length).toBeGreaterThan(2 * pad.length);
    expect(seen).toContain('[REDACTED:upstream-credential]');
    expect(seen + recorded()).not.toContain('k9-upstream');
  });

  test('goes with the handshake of a WebSocket, whose answer does not tell it', async () => {
    await start({ environment: { TACHO_PASSTHROUGH: 'GET /ws' } });
    let told: unknown = 'nothing';
    upstream.server.on('upgrade', (req, socket) => {
      told = req.headers['x-api-key'];
      const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
      socket.end(`${head}X-Echo: ${String(told)}\r\n\r\n`);
    });
    const seen = await exchangeRaw(
      harness.url,
      'GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: mine\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    expect(told).toBe(value);
    expect(seen).toMatch(/^HTTP\/1.1 101 /);
    expect(seen + recorded()).not.toContain('k9-upstream');
  });
});
