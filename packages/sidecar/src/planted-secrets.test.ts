import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exchangeRaw, post } from './testing/client.ts';
import { openBundle } from './testing/open-bundle.ts';
import { leftIn, plant, plantedKinds, type Planted } from './testing/planted-secrets.ts';
import { startUpstream, type Received, type Upstream } from './testing/upstream.ts';

const perCall = 20;

/** A real sidecar process, and all that it has said and written. */
interface Running {
  readonly url: string;
  readonly admin: string;
  /** Logs, and what the client read. */
  said: string;
  readonly spool: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

const answers = new Map<number, readonly Planted[]>();
let root = '';
let upstream: Upstream;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tacho-planted-'));
  writeFileSync(join(root, 'policy.json'), JSON.stringify(openBundle));
  upstream = await startUpstream(answer);
});

afterAll(async () => {
  await upstream.close();
  rmSync(root, { recursive: true, force: true });
});

/** Secrets of an answer in the form that the call asks for. */
function answer({ body }: Received, res: ServerResponse): void {
  const { id, params }: { id: number; params: { form: string } } = JSON.parse(body);
  const secrets = answers.get(id) ?? [];
  const result = (content: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, ...toObject(content) });
  const texts = secrets.map(({ text }) => ({ type: 'text', text }));
  switch (params.form) {
    case 'error':
      return send(
        res,
        200,
        result({ error: { code: -32000, message: secrets.map(({ text }) => text).join(' '), data: members(secrets) } }),
      );
    case 'structured':
      return send(
        res,
        200,
        result({
          result: {
            content: [{ type: 'text', text: JSON.stringify(members(secrets)) }],
            structuredContent: members(secrets),
          },
        }),
      );
    case 'page':
      return send(res, 500, secrets.map(({ text }) => text).join('\n'));
    case 'long':
      return send(
        res,
        200,
        result({ result: { content: [...texts, { type: 'text', text: 'row, '.repeat(20_000) }] } }),
      );
    case 'events': {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const one of secrets)
        res.write(`: ${one.text.replaceAll('\n', ' ')}\nevent: message\ndata: ${noteOf(one)}\n\n`);
      return void res.end(`data: ${result({ result: { content: texts } })}\n\n`);
    }
    default:
      return send(res, 200, result({ result: { content: texts } }));
  }
}

function noteOf({ text }: Planted): string {
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: text } });
}

function toObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function send(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'content-type': status === 200 ? 'application/json' : 'text/plain' }).end(text);
}

function members(secrets: readonly Planted[]): Record<string, unknown> {
  return Object.fromEntries(secrets.map(({ member: [name, value] }, index) => [`row${index}`, { [name]: value }]));
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function start(name: string, environment: Readonly<Record<string, string>>): Promise<Running> {
  const [port, admin] = [await freePort(), await freePort()];
  const spool = join(root, name);
  const child = spawn(process.execPath, ['--conditions=source', join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      TACHO_SPOOL: spool,
      TACHO_CONTROLLER: 'off',
      TACHO_OFF: 'identity',
      TACHO_POLICY: join(root, 'policy.json'),
      TACHO_LISTEN: `127.0.0.1:${port}`,
      TACHO_UPSTREAM: upstream.url,
      TACHO_ADMIN: `127.0.0.1:${admin}`,
      TACHO_DURABILITY: 'process',
      TACHO_LOG_LEVEL: 'debug',
      ...environment,
    },
  });
  const running: Running = {
    url: `http://127.0.0.1:${port}`,
    admin: `http://127.0.0.1:${admin}`,
    said: '',
    spool,
    child,
    ended: new Promise((resolve) => child.once('close', () => resolve())),
  };
  const listening = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer): void => {
      running.said += chunk.toString();
      if (running.said.includes('"listening"')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  await listening;
  return running;
}

const forms = ['plain', 'structured', 'error', 'events', 'page', 'long'];

/** One call whose arguments, headers, query and answer hold secrets. */
async function call(running: Running, id: number): Promise<readonly Planted[]> {
  const secrets = Array.from({ length: perCall }, (_, index) => plant(id * perCall + index, 'call'));
  const [inHeader, inQuery, ...others] = secrets
    .slice(0, perCall / 2)
    .filter(({ text }) => /^[\x20-\x7e]+$/.test(text));
  answers.set(id, secrets.slice(perCall / 2));
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: {
      name: 'query',
      form: forms[id % forms.length],
      arguments: {
        ...members(others),
        sql: secrets
          .slice(0, perCall / 2)
          .map(({ text }) => text)
          .join('; '),
        rows: [JSON.stringify(members(others))],
      },
    },
  });
  const response = await post(`${running.url}/mcp?note=${encodeURIComponent(inQuery?.text ?? '')}`, body, {
    'user-agent': `client ${inHeader?.text ?? ''}`,
  });
  running.said += await response.text();
  answers.delete(id);
  return secrets;
}

/** Requests that are refused: what they hold must not stand in the refusal either. */
async function refused(running: Running): Promise<readonly Planted[]> {
  const secrets = Array.from({ length: 90 }, (_, index) => plant(index, 'refused'));
  for (const { value, text, kind } of secrets) {
    const quoted = JSON.stringify(text);
    const requests = [
      post(`${running.url}/mcp`, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":${quoted}`),
      post(`${running.url}/mcp`, `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${quoted},"a":${quoted}}}`),
      post(`${running.url}/mcp`, `{"jsonrpc":"1.0","id":1,"method":${quoted}}`),
      post(`${running.url}/elsewhere`, quoted),
      exchangeRaw(
        running.url,
        `POST /mcp HTTP/1.1\r\nHost: ${value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      ),
      exchangeRaw(running.url, `GET ${value} HTTP/1.1\r\nBad Header ${value}: x\r\n\r\n`),
    ];
    if (kind === 'github')
      requests.push(post(`${running.url}/mcp`, `{"jsonrpc":"2.0","id":${quoted},"method":"ping"}`));
    for (const answered of await Promise.all(requests)) {
      running.said += typeof answered === 'string' ? answered : await answered.text();
    }
  }
  return secrets;
}

/** Everything that the process leaves behind, as text: archived segments unpacked. */
async function allOf(running: Running): Promise<string> {
  running.said += await (await fetch(`${running.admin}/metrics`)).text();
  running.said += await (await fetch(`${running.admin}/readyz`)).text();
  running.child.kill('SIGTERM');
  await running.ended;
  const files = readdirSync(running.spool, { recursive: true, encoding: 'utf8' })
    .map((name) => join(running.spool, name))
    .filter((path) => statSync(path).isFile());
  expect(files.filter((path) => path.endsWith('.jsonl.gz'))).not.toEqual([]);
  const written = files.map((path) => {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  });
  return [running.said, ...written].join('\n');
}

async function callAll(running: Running, count: number): Promise<readonly Planted[]> {
  const planted: Planted[] = [];
  for (let id = 0; id < count; id += 10) {
    const some = await Promise.all(
      Array.from({ length: Math.min(10, count - id) }, async (_, n) => call(running, id + n)),
    );
    planted.push(...some.flat());
  }
  return planted;
}

describe('of 10,000 planted secrets', () => {
  test('none is left in spool, segments, logs, metrics, refusals or answers', async () => {
    const running = await start('masked', {});
    const planted = [...(await callAll(running, 500)), ...(await refused(running))];
    const all = await allOf(running);
    expect(planted.length).toBeGreaterThanOrEqual(10_000);
    expect(new Set(planted.map(({ kind }) => kind))).toEqual(new Set(plantedKinds));
    expect(all).toContain('"kind":"mcp.response"');
    expect(
      leftIn(planted, all)
        .map(({ kind, text }) => `${kind}: ${text}`)
        .slice(0, 20),
    ).toEqual([]);
  });

  test('every one would be found if masking were off', async () => {
    const running = await start('unmasked', { TACHO_OFF: 'identity,masking' });
    const planted = await callAll(running, 12);
    const left = leftIn(planted, await allOf(running));
    expect(left.length).toBe(planted.length);
  });
});
