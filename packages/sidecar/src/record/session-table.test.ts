import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { sessionCloseDetail, type StoredRecord } from '@tachograph/protocol';
import { createRecorder } from './create-recorder.ts';
import type { SessionKey } from './recorder.ts';
import {
  createManualTime,
  createSpoolDir,
  readSealedStream,
  testOptions,
  testSettings,
} from './recording.test-support.ts';
import { SessionTable } from './session-table.ts';

const alice: SessionKey = { iss: 'https://issuer', sub: 'alice', clientId: 'cli', clientName: 'test' };

async function open() {
  const spoolDir = createSpoolDir();
  const time = createManualTime();
  const running = await createRecorder(testOptions(testSettings(spoolDir), time));
  const sealed = () => readSealedStream(join(spoolDir, running.recorder.stream));
  return { running, recorder: running.recorder, time, sealed, read: () => sealed().records };
}

function closesOf(records: readonly StoredRecord[], session: string): unknown[] {
  const closes = records.filter((one) => one.kind === 'session.close' && one.session === session);
  return closes.map((one) => {
    const { closed, count } = sessionCloseDetail.parse(one.detail);
    return { closed, count };
  });
}

/** A turn of the event loop, so that records handed in are written. */
async function turn(): Promise<void> {
  await new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
}

describe('a session', () => {
  test('is one for calls of the same identity and client, and another for another client', async () => {
    const { running, recorder } = await open();
    const [first, second] = await Promise.all([recorder.session(alice, {}), recorder.session(alice, {})]);
    expect(second).toBe(first);
    expect(await recorder.session({ ...alice, clientName: 'other' }, {})).not.toBe(first);
    expect(await recorder.session({ ...alice, mcpSessionId: 's-1' }, {})).not.toBe(first);
    await running.close();
  });

  test('ends after 15 minutes without a record, and the next call opens another', async () => {
    const { running, recorder, time, read } = await open();
    const first = await recorder.session(alice, {});
    await recorder.append({ kind: 'mcp.notification', session: first });
    time.advance(15 * 60_000 - 1000);
    expect(await recorder.session(alice, {})).toBe(first);
    time.advance(15 * 60_000 + 2000);
    const second = await recorder.session(alice, {});
    expect(second).not.toBe(first);
    await running.close();
    expect(closesOf(read(), first)).toEqual([{ closed: 'idle', count: 2 }]);
    expect(closesOf(read(), second)).toEqual([{ closed: 'shutdown', count: 1 }]);
  });

  test('that gets a record after its close is closed again with the totals of all', async () => {
    const { running, recorder, time, read } = await open();
    const session = await recorder.session(alice, {});
    await recorder.closeSession(session, 'delete');
    await recorder.append({ kind: 'mcp.response', session });
    time.advance(12_000);
    await turn();
    await running.close();
    expect(closesOf(read(), session)).toEqual([
      { closed: 'delete', count: 1 },
      { closed: 'delete', count: 2 },
    ]);
  });

  test('that is closed twice has one close', async () => {
    const { running, recorder, read } = await open();
    const session = await recorder.session(alice, {});
    await Promise.all([recorder.closeSession(session, 'delete'), recorder.closeSession(session, '404')]);
    await recorder.closeSession('no-such-session', '404');
    await running.close();
    expect(closesOf(read(), session)).toEqual([{ closed: 'delete', count: 1 }]);
  });
});

test('the longest idle sessions are due for closing above the limit', () => {
  const table = new SessionTable(900_000, 2);
  for (let i = 0; i < 4; i += 1) {
    table.open(`s${i}`, { ...alice, sub: String(i) }, i);
    table.observe(`s${i}`, i, 'ab'.repeat(32), i);
  }
  expect(table.due(10).map(({ session }) => session.id)).toEqual(['s0', 's1']);
});

describe('a stream', () => {
  test('beats within 60 s, and is sealed hourly while it does nothing else', async () => {
    const { running, time, sealed } = await open();
    for (let i = 0; i < 3700; i += 1) {
      time.advance(1000);
      if (i % 20 === 0) await turn();
    }
    await turn();
    await running.close();
    const { records, segments } = sealed();
    // stream.open after a minute, an hour of heartbeats, the rest at the close.
    expect(segments.map((segment) => segment.last - segment.first + 1)).toEqual([1, 61, expect.any(Number)]);
    const beats = records.filter((record) => record.kind === 'heartbeat');
    expect(beats.length).toBeGreaterThanOrEqual(60);
    const times = records.map((record) => Date.parse(record.time));
    expect(Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? 0)))).toBeLessThanOrEqual(60_000);
  });
});
