/** The credential towards the server, planted in a whole sidecar process: the server gets it, nothing else holds it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { post, toolCall } from './testing/client.ts';
import { openBundle } from './testing/open-bundle.ts';
import { startUpstream, type Received, type Upstream } from './testing/upstream.ts';

const first = 'k9-first/upstream+value=';
const second = 'k9-second-upstream-value';
const policy = {
  ...openBundle,
  upstream: { header: 'X-Api-Key', secret: { name: 'crm', key: 'token' }, prefix: 'Key ' },
};

let root = '';
let upstream: Upstream;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tacho-credential-'));
  writeFileSync(join(root, 'policy.json'), JSON.stringify(policy));
  writeFileSync(join(root, 'credential'), `${first}\n`);
  upstream = await startUpstream(tellAll);
});

afterAll(async () => {
  await upstream.close();
  rmSync(root, { recursive: true, force: true });
});

/** A server that tells its headers in every way it can. */
function tellAll({ url, body, headers }: Received, res: ServerResponse): void {
  const key = String(headers['x-api-key']);
  const { id = null }: { id?: unknown } = body === '' ? {} : JSON.parse(body);
  const result = { content: [{ type: 'text', text: JSON.stringify({ headers }) }], structuredContent: { [key]: key } };
  const message = JSON.stringify({ jsonrpc: '2.0', id, result });
  if (url.includes('events')) {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'x-echo': key });
    return void res.end(`: ${key}\n\nevent: message\ndata: ${message.replaceAll('/', '\\/')}\n\n`);
  }
  if (url.includes('page')) return void res.writeHead(500, { 'content-type': 'text/html' }).end(`<p>${key}</p>`);
  if (url.includes('error')) {
    const error = { code: -32000, message: `no access for ${key}`, data: { key } };
    return void res
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, error }));
  }
  return void res.writeHead(200, key, { 'content-type': 'application/json', 'set-cookie': key }).end(message);
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Starts a sidecar; what it logs goes to `said`. */
async function start(said: string[], spool: string) {
  const [port, admin] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, ['--conditions=source', join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      TACHO_SPOOL: spool,
      TACHO_CONTROLLER: 'off',
      TACHO_OFF: 'identity',
      TACHO_POLICY: join(root, 'policy.json'),
      TACHO_UPSTREAM_CREDENTIAL_FILE: join(root, 'credential'),
      TACHO_LISTEN: `127.0.0.1:${port}`,
      TACHO_UPSTREAM: upstream.url,
      TACHO_ADMIN: `127.0.0.1:${admin}`,
      TACHO_DURABILITY: 'process',
      TACHO_LOG_LEVEL: 'debug',
    },
  });
  const listening = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said.push(chunk.toString());
      if (said.join('').includes('"listening"')) listening.resolve();
    });
  }
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  child.once('close', () => listening.reject(new Error(`the sidecar ended: ${said.join('')}`)));
  await listening.promise;
  return { url: `http://127.0.0.1:${port}`, admin: `http://127.0.0.1:${admin}`, child, ended };
}

function writtenIn(dir: string): string {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name));
  return files
    .filter((path) => statSync(path).isFile())
    .map((path) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('latin1'))
    .join('\n');
}

test('a planted credential reaches the server, and stands in no spool, segment, log, metric or answer', async () => {
  const said: string[] = [];
  const spool = join(root, 'spool');
  const sidecar = await start(said, spool);
  const paths = ['/mcp', '/mcp?events', '/mcp?page', '/mcp?error'];
  const callAll = async (): Promise<void> => {
    for (const path of paths) {
      const answer = await post(`${sidecar.url}${path}`, toolCall(1, 'hello'), { 'x-api-key': 'of the caller' });
      said.push(answer.statusText, JSON.stringify([...answer.headers]), await answer.text());
    }
  };
  await callAll();
  writeFileSync(join(root, 'credential'), second);
  for (let tries = 0; tries < 100 && upstream.received.at(-1)?.headers['x-api-key'] !== `Key ${second}`; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await callAll();
  }
  rmSync(join(root, 'credential'));
  let refused = await post(`${sidecar.url}/mcp`, toolCall());
  for (let tries = 0; tries < 100 && refused.status !== 503; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    refused = await post(`${sidecar.url}/mcp`, toolCall());
  }
  said.push(await refused.text());
  for (const path of ['/metrics', '/readyz']) said.push(await (await fetch(`${sidecar.admin}${path}`)).text());
  sidecar.child.kill('SIGTERM');
  await sidecar.ended;
  const received = upstream.received.map(({ headers }) => headers['x-api-key']);
  expect(new Set(received)).toEqual(new Set([`Key ${first}`, `Key ${second}`]));
  const all = [...said, writtenIn(spool)].join('\n');
  expect(refused.status).toBe(503);
  expect(all).toContain('key token of Secret crm is not there');
  expect(all).toContain('[REDACTED:upstream-credential]');
  expect(all).not.toMatch(/k9-(first|second)/);
  expect(all).not.toContain(Buffer.from(first).toString('base64'));
  expect(all).not.toContain('of the caller');
});
