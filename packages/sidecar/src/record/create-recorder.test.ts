import { describe, expect, test } from '@jest/globals';
import { createSessionRoot } from '@tachograph/archive';
import { sessionCloseDetail, type RecordDraft } from '@tachograph/protocol';
import { join } from 'node:path';
import { createRecorder } from './create-recorder.ts';
import { nodeCrypto } from './node-crypto.ts';
import type { SessionKey } from './recorder.ts';
import {
  createManualTime,
  createSpoolDir,
  readSealedStream,
  testOptions,
  testSettings,
} from './recording.test-support.ts';

const alice: SessionKey = { iss: 'https://issuer', sub: 'alice', clientId: 'cli', clientName: 'test' };

function request(session: string, exchange: number, text = 'x'): RecordDraft {
  const body = `{"jsonrpc":"2.0","id":${exchange},"method":"tools/call","params":{"text":${JSON.stringify(text)}}}`;
  return { kind: 'mcp.request', session, dir: 'c2s', exchange, jsonrpc_request_id: String(exchange), body };
}

describe.each(['process', 'node'] as const)('a recorder at %s', (durability) => {
  test('writes one signed, contiguous chain from stream.open to stream.close', async () => {
    const spoolDir = createSpoolDir();
    const running = await createRecorder(testOptions(testSettings(spoolDir, { durability }), createManualTime()));
    const { recorder } = running;
    const session = await recorder.session(alice, {});
    const recorded = await Promise.all(
      Array.from({ length: 500 }, (_, i) => recorder.append(request(session, i, 'µ'.repeat(i)))),
    );
    await running.close();
    const { records, hashes } = readSealedStream(join(spoolDir, recorder.stream));
    expect(records.map((one) => one.seq)).toEqual(records.map((_, i) => i));
    expect(recorded).toEqual(recorded.map((_, i) => ({ seq: i + 2, hash: hashes[i + 2] })));
    expect(records[0]?.kind).toBe('stream.open');
    expect(records.slice(-2).map((one) => one.kind)).toEqual(['session.close', 'stream.close']);
  });

  test('closes a session with count, bounds and the root over its lines', async () => {
    const spoolDir = createSpoolDir();
    const running = await createRecorder(testOptions(testSettings(spoolDir, { durability }), createManualTime()));
    const { recorder } = running;
    const session = await recorder.session(alice, {});
    const other = await recorder.session({ ...alice, sub: 'bob' }, {});
    for (let i = 0; i < 5; i += 1) await recorder.append(request(i % 2 === 0 ? session : other, i));
    const last = recorder.append(request(session, 9));
    await recorder.closeSession(session, 'delete');
    await last;
    await running.close();
    const { records, hashes } = readSealedStream(join(spoolDir, recorder.stream));
    const own = records.filter((one) => one.session === session && one.kind !== 'session.close');
    const root = createSessionRoot(nodeCrypto);
    for (const one of own) root.append(hashes[one.seq] ?? '');
    const closes = records.filter((one) => one.session === session && one.kind === 'session.close');
    expect(closes.map((one) => sessionCloseDetail.parse(one.detail))).toEqual([
      { closed: 'delete', count: 5, first: own[0]?.seq, last: own.at(-1)?.seq, root: root.root() },
    ]);
  });
});

test('takes nothing after stream.close', async () => {
  const spoolDir = createSpoolDir();
  const running = await createRecorder(testOptions(testSettings(spoolDir), createManualTime()));
  const { recorder } = running;
  const session = await recorder.session(alice, {});
  const closed = running.close();
  const late = [
    recorder.append(request(session, 1)),
    Promise.resolve(recorder.session(alice, {})),
    recorder.closeSession(session, '404'),
  ];
  const settled = await Promise.allSettled(late);
  expect(settled.slice(0, 2).map((one) => one.status)).toEqual(['rejected', 'rejected']);
  await closed;
  await recorder.closeSession(session, '404');
  await expect(recorder.append({ kind: 'mcp.response', session })).rejects.toMatchObject({ code: 'closed' });
  expect(recorder.refusal()).toBe('closed');
  const { records, segments } = readSealedStream(join(spoolDir, recorder.stream));
  expect(records.at(-1)?.kind).toBe('stream.close');
  expect(segments.at(-1)?.streamClosed).toBe(true);
});
