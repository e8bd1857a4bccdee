import { createHmac } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createMetrics, silentLogger } from '@tachograph/service';
import { listen, portOf } from '../http/listen.ts';
import { systemTimers } from '../ports.ts';
import { until } from '../testing/installation.ts';
import { StillClock } from '../testing/still-clock.ts';
import { testApproval } from '../testing/test-approval.ts';
import { toNotification } from './notification.ts';
import { createWebhook, type Webhook } from './webhook.ts';

let server: Server;
let statuses: number[];
let received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
let webhook: Webhook;
const metrics = createMetrics();
const results = metrics.counter('sent', 'x', ['result']);

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  received.push({ headers: request.headers, body: await text(request) });
  response.writeHead(statuses.shift() ?? 200).end('ok');
}

beforeEach(async () => {
  statuses = [];
  received = [];
  server = createServer((request, response) => {
    void take(request, response);
  });
  await listen(server, { host: '127.0.0.1', port: 0 });
  webhook = createWebhook({
    url: `http://127.0.0.1:${portOf(server)}/hook`,
    secret: async () => 'shared',
    clock: new StillClock(),
    timers: systemTimers,
    log: silentLogger,
    results,
    firstPauseMs: 5,
  });
});
afterEach(async () => {
  webhook.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const approval = testApproval({ arguments: '{"sql":"drop table x","key":"[SECRET]","hidden":"\u202e"}' });

describe('a notification', () => {
  test('comes after two failures, signed over its time and body, and once', async () => {
    statuses = [500, 429];
    webhook.send(approval.id, toNotification(approval, 'https://page'));
    await until('the third try', () => (received.length === 3 ? true : undefined));
    webhook.send('next', { text: 'next', blocks: [] });
    await until('the next one', () => (received.length === 4 ? true : undefined));
    const [first, , third] = received;
    expect(third?.body).toBe(first?.body);
    const timestamp = String(third?.headers['tacho-timestamp']);
    expect(timestamp).toBe(String(Date.parse('2026-11-21T10:00:00Z') / 1000));
    const expected = createHmac('sha256', 'shared').update(`v1:${timestamp}:${third?.body}`).digest('hex');
    expect(third?.headers['tacho-signature']).toBe(`v1=${expected}`);
  });

  test('is given up after some tries, and the next one is sent', async () => {
    statuses = Array<number>(6).fill(503);
    webhook.send('one', { text: 'one', blocks: [] });
    webhook.send('two', { text: 'two', blocks: [] });
    await until('the second', () => (received.length === 7 ? true : undefined));
    expect(received.at(-1)?.body).toContain('two');
    expect((await metrics.expose()).text).toContain('tachograph_sent{result="failed"} 1');
  });

  test('beyond the queue is dropped, not kept', async () => {
    statuses = Array<number>(600).fill(200);
    for (let number = 0; number < 600; number += 1) webhook.send(String(number), { text: String(number), blocks: [] });
    await until('the queue', () => (received.length === 501 ? true : undefined));
    expect((await metrics.expose()).text).toContain('tachograph_sent{result="dropped"} 99');
  });

  test('shows the masked arguments, what masking hid, and how to decide', () => {
    const shown = JSON.stringify(toNotification(approval, 'https://page/approvals/1'));
    expect(shown).toContain(String.raw`drop table x`);
    expect(shown).toContain('Masking hid 1 value.');
    expect(shown).toContain(`tacho approvals approve ${approval.id}`);
    expect(shown).toContain('https://page/approvals/1');
  });

  test('shows characters that reorder text, and says what is cut off', () => {
    const [, , args] = toNotification(approval, 'u').blocks;
    expect(JSON.stringify(args)).toContain(String.raw`\\u202e`);
    const long = toNotification(testApproval({ arguments: JSON.stringify('x'.repeat(5000)) }), 'u');
    expect(JSON.stringify(long)).toContain('and 2502 more characters');
  });

  test('is plain text: nothing of a call is markup', () => {
    const { text: fallback } = toNotification(testApproval({ tool: '<!channel> & *' }), 'https://page');
    expect(fallback).toBe('alice asks to run &lt;!channel&gt; &amp; *: https://page');
  });
});
