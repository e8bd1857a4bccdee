import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { callHttp, type HttpAnswer, type HttpCall } from './http-call.ts';

let server: Server | undefined;
afterEach(async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  server?.closeAllConnections();
  server?.close(resolve);
  await promise;
});

async function call(answer: RequestListener, more: Partial<HttpCall> = {}): Promise<HttpAnswer> {
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/path`);
  return await callHttp({ url, method: 'POST', timeoutMs: 10_000, maxAnswerBytes: 1000, ...more });
}

const cutOff: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '10' }).write('half');
  setTimeout(() => response.destroy(), 20);
};

const trickle: RequestListener = (_, response) => {
  const timer = setInterval(() => response.write('x'), 10);
  response.on('close', () => clearInterval(timer));
};

describe('a call', () => {
  test('gives status, headers and text of the answer, whatever the status', async () => {
    const answer = await call(
      (request, response) => {
        void text(request).then((body) =>
          response
            .writeHead(418, { 'x-said': String(request.headers['x-asked']) })
            .end(`${request.method} ${request.url} ${body}`),
        );
      },
      { body: 'é', headers: { 'x-asked': '1' } },
    );
    expect(answer).toMatchObject({ status: 418, text: 'POST /path é', headers: { 'x-said': '1' } });
  });

  test('takes no more than it was told to', async () => {
    await expect(call((_, response) => response.end('x'.repeat(1001)))).rejects.toThrow('more than 1000 bytes');
  });

  test('takes no part for the whole', async () => {
    await expect(call(cutOff)).rejects.toThrow(/aborted|cut off|hang up/);
  });

  test('ends when its time is over, also amid an answer', async () => {
    await expect(call(() => undefined, { timeoutMs: 50 })).rejects.toThrow(/abort/);
    server?.closeAllConnections();
    server?.close();
    await expect(call(trickle, { timeoutMs: 100, maxAnswerBytes: 1e9 })).rejects.toThrow(/abort/);
  });
});
