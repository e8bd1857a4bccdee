import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dial, eventually, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Upstream } from '../testing/upstream.ts';
import { answerRoomBytes } from './answer-room.ts';

let upstream: Upstream;
let harness: Harness;

/** Three of them are more than there is room for. */
const text = 'a row of text; '.repeat(answerRoomBytes / 2 / 15);

beforeEach(async () => {
  upstream = await startUpstream(({ body }, res) => {
    const { id }: { id?: unknown } = JSON.parse(body);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { text } }));
  });
  harness = await startHarness({ upstream: upstream.url });
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

async function lengthOf(id: number): Promise<number> {
  const answer = await post(`${harness.url}/mcp`, toolCall(id));
  return (await answer.text()).length;
}

/** Sends a call and reads nothing of its answer. */
async function callAndStall(id: number) {
  const socket = await dial(harness.url);
  const body = toolCall(id);
  socket.pause();
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

describe('large answers', () => {
  test('all arrive whole, though there is no room for all at once', async () => {
    const lengths = await Promise.all(Array.from({ length: 8 }, async (_, i) => lengthOf(i + 10)));
    expect(new Set(lengths)).toEqual(new Set([JSON.stringify({ jsonrpc: '2.0', id: 10, result: { text } }).length]));
  });

  test('do not wait for clients that read slowly, or have left', async () => {
    const stalled = await Promise.all([1, 2, 3, 4].map(callAndStall));
    await eventually(() => upstream.received.length === 4, 'the calls arrive');
    stalled[3]?.destroy();
    expect(await lengthOf(5)).toBeGreaterThan(text.length);
    for (const socket of stalled) socket.destroy();
    expect(await lengthOf(6)).toBeGreaterThan(text.length);
  });
});
