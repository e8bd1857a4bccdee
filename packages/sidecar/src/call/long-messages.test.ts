import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, post } from '../testing/client.ts';
import { startHarness, type Harness, type HarnessOptions } from '../testing/harness.ts';
import { startUpstream, type Handler, type Upstream } from '../testing/upstream.ts';

const long = 'a row of text; '.repeat(20_000);
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const faultyWorker = new URL('../masking/faulty-worker.test-support.ts', import.meta.url);

let upstream: Upstream;
let harness: Harness;

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

async function start(options: Partial<HarnessOptions> = {}, reply: Handler = answerFine): Promise<void> {
  upstream = await startUpstream(reply);
  harness = await startHarness({ upstream: upstream.url, ...options });
}

const answerFine: Handler = (_request, res) => {
  res.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":7,"result":{}}');
};

function call(args: string): string {
  return `{"jsonrpc":"2.0", "id":7,"method":"tools/call","params":{"name":"t","arguments":${args}}}`;
}

async function send(body: string, signal?: AbortSignal): Promise<string> {
  const response = await post(`${harness.url}/mcp`, body, {}, signal);
  return response.text();
}

describe('a long request', () => {
  test('goes on byte for byte, and is recorded masked', async () => {
    await start();
    const body = call(JSON.stringify({ text: `é ${long} ${secret}` }));
    expect(await send(body)).toContain('"result"');
    expect(upstream.received[0]?.body).toBe(body);
    const draft = harness.recorder.drafts.find(({ kind }) => kind === 'mcp.request');
    expect(draft).toMatchObject({ gen_ai_tool_name: 't', mask: { hits: 1 } });
    expect(draft?.body).toBe(body.replace(secret, '[REDACTED:github-token]'));
    expect(draft?.raw_hmac).toBe(harness.recorder.digest(body));
  });

  test('is judged by the arguments that conditions read, with exact integers, and by no others', async () => {
    const read: unknown[] = [];
    await start({
      judgedArguments: new Set(['amount']),
      decide: ({ readArguments }) => {
        read.push(readArguments?.());
        return { verdict: 'deny' };
      },
    });
    await send(call(`{"amount":9007199254740993,"text":"${long}"}`));
    expect(read).toEqual([{ amount: 9007199254740993n }]);
    expect(upstream.received).toHaveLength(0);
  });

  test.each([
    ['a duplicate key', `{"a":"${long}","a":1}`],
    ['a lone surrogate', `{"a":"${long}\\ud800"}`],
    ['too many arrays', `{"a":[${'[],'.repeat(1_000_001)}1]}`],
  ])('is refused for %s, as a short one is', async (_, args) => {
    await start();
    expect(await send(call(args))).toContain('the body holds');
    expect(upstream.received).toHaveLength(0);
  });

  test('is not done, and recorded as left, when its client has left before its turn', async () => {
    await start({ maskWorker: faultyWorker, environment: { TACHO_MASK_TIMEOUT: '3s' } });
    const first = send(call(`"HANG ${long}"`));
    const leaving = new AbortController();
    await new Promise((resolve) => void setTimeout(resolve, 300));
    const second = send(call(`"fine ${long}"`), leaving.signal).catch(() => 'left');
    await new Promise((resolve) => void setTimeout(resolve, 300));
    leaving.abort();
    expect(await second).toBe('left');
    expect(await first).toContain('mask_timeout');
    await harness.recorder.seen(({ outcome }) => outcome === 'disconnected');
    expect(upstream.received).toHaveLength(0);
  });

  test('is refused when the sidecar stops while it is masked', async () => {
    await start({ maskWorker: faultyWorker, environment: { TACHO_MASK_TIMEOUT: '60s' } });
    const asked = send(call(`"HANG ${long}"`)).catch(() => 'closed');
    await new Promise((resolve) => void setTimeout(resolve, 500));
    const { recorder } = harness;
    await harness.close();
    harness = await startHarness({ upstream: upstream.url });
    expect(await asked).toBe('closed');
    await eventually(() => recorder.drafts.some(({ outcome }) => outcome !== undefined), 'it is recorded');
    expect(upstream.received).toHaveLength(0);
  });
});

describe('a stream', () => {
  test('keeps its order where a long event is masked in another thread', async () => {
    const events = [1, 2, 3, 4].map((n) => ({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', data: `${n} ${n % 2 === 1 ? long : 'short'}` },
    }));
    await start({}, (_request, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.end(
        [...events, { jsonrpc: '2.0', id: 7, result: {} }].map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''),
      );
    });
    const text = await send(call('{}'));
    expect([...text.matchAll(/"data":"(\d)/g)].map(([, n]) => n)).toEqual(['1', '2', '3', '4']);
    const recorded = harness.recorder.drafts.flatMap(({ body }) => /"data":"(\d)/.exec(body ?? '')?.[1] ?? []);
    expect(recorded).toEqual(['1', '2', '3', '4']);
  });
});

describe('what the masking thread cannot hold', () => {
  test.each([
    ['{},', 'array'],
    [`${secret}!`, 'string'],
  ])('never ends the process: %s', async (unit, kind) => {
    upstream = await startUpstream(answerFine);
    harness = await startHarness({ upstream: upstream.url });
    const program = fileURLToPath(new URL('../masking/memory-child.test-support.ts', import.meta.url));
    const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', program, unit, '15000000', kind];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/^content (?:long-clean|long-masked|mask_crash) \| content long-clean \|/);
  });
});
