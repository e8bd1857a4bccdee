import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { objectNames } from '@tachograph/protocol';
import { sha256Hex } from './keys/node-crypto.ts';
import { startInstallation, until, type Installation } from './testing/installation.ts';
import type { Answer, SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';

let installation: Installation;
let sidecar: SidecarClient;

beforeEach(async () => {
  installation = await startInstallation();
  sidecar = await installation.enrol('store');
});
afterEach(async () => installation.close());

async function openStream(): Promise<TestStream> {
  const stream = new TestStream({ stream: uuidOf(1) });
  expect(await sidecar.open(stream.opening)).toMatchObject({ status: 201 });
  return stream;
}

function codeOf(answer: Answer): unknown {
  return (answer.json() as { readonly code?: unknown }).code;
}

describe('streams', () => {
  test('a signed stream.open gets its key endorsed by a leaf and a key object', async () => {
    const stream = new TestStream({ stream: uuidOf(1) });
    const answer = await sidecar.open(stream.opening);
    expect(answer.json()).toEqual({ keyId: stream.keyId });
    expect(await installation.leavesOf('stream.open')).toMatchObject([
      { stream: stream.stream, keyId: stream.keyId, namespace: 'demo', workload: 'store', cluster: 'test' },
    ]);
    expect(await installation.names(objectNames.key(stream.keyId))).toHaveLength(1);
  });

  test('the same opening again is the same stream', async () => {
    const stream = await openStream();
    expect(await sidecar.open(stream.opening)).toMatchObject({ status: 201 });
    expect(await installation.leavesOf('stream.open')).toHaveLength(1);
  });

  test('refuses an opening that another key signed', async () => {
    const { opening } = new TestStream({ stream: uuidOf(1) });
    const { opening: other } = new TestStream({ stream: uuidOf(1) });
    const answer = await sidecar.open({ ...opening, sig: other.sig });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'signature_invalid']);
  });

  test('refuses a second key for an open stream', async () => {
    await openStream();
    const answer = await sidecar.open(new TestStream({ stream: uuidOf(1) }).opening);
    expect([answer.status, codeOf(answer)]).toEqual([409, 'stream_conflict']);
  });

  test('refuses a token that nobody enrolled', async () => {
    const { opening } = new TestStream({ stream: uuidOf(1) });
    const answer = await sidecar.call('POST', '/v1/streams', { body: JSON.stringify(opening), token: 'guessed' });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthenticated']);
  });
});

describe('segments', () => {
  test.each([
    [-5, -1],
    [-1, 1],
    [5, 3],
  ])('archives a segment whose session.close claims the lines %d to %d', async (first, last) => {
    const stream = await openStream();
    const detail = { closed: 'idle', count: 1, first, last, root: 'a'.repeat(64) };
    stream.append({ kind: 'session.close', session: uuidOf(7), detail });
    expect(await sidecar.putSegment(stream.seal())).toMatchObject({ status: 200 });
  });

  test('a segment is archived once, however often it is sent', async () => {
    const stream = await openStream();
    const segment = stream.seal();
    const first = await sidecar.putSegment(segment);
    const again = await sidecar.putSegment(segment);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.json()).toEqual(first.json());
    expect(await installation.leavesOf('segment')).toHaveLength(1);
    const at = { cluster: 'test', namespace: 'demo', day: '2026-11-21' };
    const stored = await installation.store.get(objectNames.record(at, segment.fileName));
    expect(Buffer.from(stored ?? [])).toEqual(segment.bytes);
  });

  test('a late repeat is answered with its old place', async () => {
    const stream = await openStream();
    const segment = stream.seal();
    const first = await sidecar.putSegment(segment);
    stream.append({ kind: 'heartbeat' });
    await sidecar.putSegment(stream.seal());
    expect((await sidecar.putSegment(segment)).json()).toEqual(first.json());
  });

  test('refuses a segment that skips one, and leaves no object behind', async () => {
    const stream = await openStream();
    await sidecar.putSegment(stream.seal());
    stream.append({ kind: 'heartbeat' });
    stream.seal();
    stream.append({ kind: 'heartbeat' });
    const answer = await sidecar.putSegment(stream.seal());
    expect([answer.status, codeOf(answer)]).toEqual([422, 'chain_broken']);
    expect(await installation.names('v1/records/')).toHaveLength(1);
  });

  test('refuses a fork of the archived head', async () => {
    const stream = await openStream();
    await sidecar.putSegment(stream.seal());
    const fork = new TestStream({ stream: stream.stream });
    fork.append({ kind: 'heartbeat' });
    const answer = await sidecar.putSegment(fork.seal());
    expect([answer.status, codeOf(answer)]).toEqual([422, 'signature_invalid']);
  });

  test('refuses bytes that are not those of the name', async () => {
    const stream = await openStream();
    const segment = stream.seal();
    const bytes = Buffer.concat([segment.bytes, Buffer.from([0])]);
    const answer = await sidecar.putSegment({ ...segment, bytes });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'name_mismatch']);
  });

  test('refuses a segment of a stream that nobody opened', async () => {
    const answer = await sidecar.putSegment(new TestStream({ stream: uuidOf(9) }).seal());
    expect([answer.status, codeOf(answer)]).toEqual([404, 'stream_unknown']);
  });

  test('refuses a segment of another pod', async () => {
    const stream = await openStream();
    const other = await installation.enrol('other');
    const answer = await other.putSegment(stream.seal());
    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  });

  test('counts the lines that a crash left unsigned', async () => {
    const stream = await openStream();
    stream.append({ kind: 'heartbeat' });
    stream.append({ kind: 'heartbeat' });
    expect(await sidecar.putSegment(stream.seal(2))).toMatchObject({ status: 200 });
    expect(await installation.leavesOf('segment')).toMatchObject([{ unsignedTail: 2, signedSeq: 0, last: 2 }]);
  });

  test('a body over 8 MiB is too large', async () => {
    const stream = await openStream();
    const segment = stream.seal();
    const answer = await sidecar.putSegment({ ...segment, bytes: Buffer.alloc(8 * 1024 * 1024 + 1) });
    expect([answer.status, codeOf(answer)]).toEqual([413, 'too_large']);
  });
});

describe('blobs', () => {
  test('a segment waits for the blobs that it names', async () => {
    const stream = await openStream();
    const blob = Buffer.alloc(300_000, 'x');
    const sha256 = sha256Hex(blob);
    stream.append({ kind: 'mcp.response', blob: { sha256, size: blob.length } });
    const segment = stream.seal();
    const early = await sidecar.putSegment(segment);
    expect([early.status, codeOf(early)]).toEqual([409, 'blob_missing']);
    const path = `/v1/blobs/${sha256}?stream=${stream.stream}&day=2026-11-21`;
    expect((await sidecar.call('PUT', path, { body: blob })).status).toBe(201);
    expect((await sidecar.call('PUT', path, { body: blob })).status).toBe(200);
    expect((await sidecar.putSegment(segment)).status).toBe(200);
    expect(await installation.leavesOf('segment')).toMatchObject([{ blobs: [{ sha256, size: blob.length }] }]);
  });

  test('refuses a blob whose bytes have another hash', async () => {
    const stream = await openStream();
    const path = `/v1/blobs/${'0'.repeat(64)}?stream=${stream.stream}&day=2026-11-21`;
    const answer = await sidecar.call('PUT', path, { body: 'x' });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'name_mismatch']);
  });
});

describe('what a segment ends', () => {
  test('a closed session gets a manifest that names its segments', async () => {
    const stream = await openStream();
    stream.append({ kind: 'heartbeat' });
    stream.appendSession(uuidOf(2));
    const segment = stream.seal();
    await sidecar.putSegment(segment);
    await sidecar.putSegment(segment);
    const [leaf, ...others] = await installation.leavesOf('session.manifest');
    expect(others).toEqual([]);
    const stored = await installation.store.get(String(leaf?.['object']));
    const at = { cluster: 'test', namespace: 'demo', day: '2026-11-21' };
    expect(JSON.parse(Buffer.from(stored ?? []).toString())).toMatchObject({
      session: uuidOf(2),
      closed: 'idle',
      count: 2,
      first: 2,
      last: 3,
      principal: { sub: 'alice' },
      client: { name: 'inspector' },
      segments: [{ object: objectNames.record(at, segment.fileName), sha256: sha256Hex(segment.bytes) }],
    });
  });

  test('a session that is closed again gets a further revision, however often its segments are sent', async () => {
    const stream = await openStream();
    stream.appendSession(uuidOf(2));
    stream.appendLate(uuidOf(2));
    const first = stream.seal();
    stream.appendLate(uuidOf(2));
    const second = stream.seal();
    for (const segment of [first, second, first, second]) await sidecar.putSegment(segment);
    const leaves = await installation.leavesOf('session.manifest');
    expect(leaves).toMatchObject([{ rev: 0 }, { rev: 1 }, { rev: 2 }]);
    const stored = await Promise.all(leaves.map(async (leaf) => installation.store.get(String(leaf['object']))));
    expect(stored.map((bytes) => JSON.parse(Buffer.from(bytes ?? []).toString()))).toMatchObject([
      { rev: 0, count: 2 },
      { rev: 1, count: 3 },
      { rev: 2, count: 4 },
    ]);
    expect(await installation.names('v1/sessions/')).toHaveLength(3);
  });

  test('a session that a crash left open gets a lost manifest from the stream that found it', async () => {
    const stream = await openStream();
    const first = stream.seq;
    stream.append({ kind: 'session.open', session: uuidOf(2) });
    stream.append({ kind: 'mcp.request', session: uuidOf(2), body: '{}' });
    await sidecar.putSegment(stream.seal());
    const next = new TestStream({ stream: uuidOf(5) });
    const open = [{ session: uuidOf(2), count: 2, first, last: first + 1, root: 'a'.repeat(64) }];
    next.append({ kind: 'stream.resume', detail: { previous_stream: stream.stream, open_sessions: open } });
    await sidecar.open(next.opening);
    expect((await sidecar.putSegment(next.seal())).status).toBe(200);
    const [leaf] = await installation.leavesOf('session.manifest');
    expect(leaf).toMatchObject({ session: uuidOf(2), stream: stream.stream });
    const stored = await installation.store.get(String(leaf?.['object']));
    expect(JSON.parse(Buffer.from(stored ?? []).toString())).toMatchObject({ closed: 'lost', first, count: 2 });
  });

  test('stream.close ends the stream, and nothing follows it', async () => {
    const stream = await openStream();
    stream.append({ kind: 'stream.close' });
    await sidecar.putSegment(stream.seal());
    expect(await installation.leavesOf('stream.close')).toMatchObject([{ lastSeq: 1, lastHash: stream.lastHash }]);
    stream.append({ kind: 'heartbeat' });
    const answer = await sidecar.putSegment(stream.seal());
    expect([answer.status, codeOf(answer)]).toEqual([422, 'chain_broken']);
  });
});

test('heads are for the own stream only, and reach the log', async () => {
  await installation.close();
  installation = await startInstallation({ environment: { TACHO_HEADS_INTERVAL: '20ms', TACHO_HEADS_RELAY: '20ms' } });
  sidecar = await installation.enrol('store');
  const stream = await openStream();
  const head = JSON.stringify({ stream: stream.stream, seq: 0, hash: stream.lastHash, durableSeq: 0 });
  const other = await installation.enrol('other');
  expect((await other.call('POST', '/v1/heads', { body: head })).status).toBe(403);
  expect((await sidecar.call('POST', '/v1/heads', { body: head })).status).toBe(204);
  const [leaf] = await until('a stream.heads leaf', async () => {
    const leaves = await installation.leavesOf('stream.heads');
    return leaves.length > 0 ? leaves : undefined;
  });
  expect(leaf).toMatchObject({ heads: [{ stream: stream.stream, seq: 0, durableSeq: 0 }] });
});
