/** What the facts of pods change at ingest: starts of the container, and pods that are gone. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodEvent, PodFacts, PodIdentity, Pods, SidecarStart } from './ports.ts';
import { startInstallation, type Installation } from './testing/installation.ts';
import type { Answer, SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';

let installation: Installation;
let sidecar: SidecarClient;
let start: SidecarStart;
let tell: (event: PodEvent) => void;
let asked: PodIdentity | undefined;

const pods: Pods = {
  async sidecarStart(pod) {
    asked = pod;
    return start;
  },
  list: async () => [],
  async watch(handle) {
    tell = handle;
    return () => undefined;
  },
};

beforeEach(async () => {
  start = { kind: 'started', workload: 'store', startedAt: '2026-11-21T09:59:00Z' };
  installation = await startInstallation({ pods });
  sidecar = await installation.enrol('store');
});
afterEach(async () => installation.close());

const outcome = (answer: Answer): unknown => [answer.status, (answer.json() as { readonly code?: unknown }).code];
const streamAt = (id: number, time: string): TestStream => new TestStream({ stream: uuidOf(id), time });

test('before the start is visible, a pod gets the policies and the key of its own workload, and no other’s', async () => {
  start = { kind: 'pending', workload: 'store' };
  const own = await sidecar.call('GET', '/v1/bundle?workload=store');
  expect([own.status, typeof own.headers['tacho-approval-key']]).toEqual([200, 'string']);
  const other = await sidecar.call('GET', '/v1/bundle?workload=other');
  expect([outcome(other), other.headers['tacho-approval-key']]).toEqual([[403, 'forbidden'], undefined]);
});

describe('stream keys', () => {
  test('wait until the start of the container is visible', async () => {
    start = { kind: 'pending', workload: 'store' };
    const { opening } = streamAt(1, '2026-11-21T10:00:00.000Z');
    const answer = await sidecar.open(opening);
    expect(outcome(answer)).toEqual([202, 'stream_pending']);
    expect(answer.headers['retry-after']).toBe('1');
  });

  test('are refused in a pod without the container', async () => {
    start = { kind: 'absent' };
    expect(outcome(await sidecar.open(streamAt(1, '2026-11-21T10:00:00.000Z').opening))).toEqual([403, 'forbidden']);
  });

  test('of a start that crashed before it registered do not take the place of the current one', async () => {
    start = {
      kind: 'started',
      workload: 'store',
      startedAt: '2026-11-21T10:00:00Z',
      previousStartedAt: '2026-11-21T09:00:00Z',
    };
    const current = streamAt(2, '2026-11-21T10:00:01.000Z');
    const left = streamAt(1, '2026-11-21T09:00:01.000Z');
    expect((await sidecar.open(current.opening)).status).toBe(201);
    expect((await sidecar.open(left.opening)).status).toBe(201);
    expect(await installation.leavesOf('stream.open')).toMatchObject([
      { stream: current.stream, containerStartedAt: '2026-11-21T10:00:00Z' },
      { stream: left.stream, containerStartedAt: '2026-11-21T09:00:00Z' },
    ]);
    const third = streamAt(3, '2026-11-21T10:00:02.000Z');
    expect(outcome(await sidecar.open(third.opening))).toEqual([202, 'stream_pending']);
  });
});

/** A stream whose first record names the one before it. */
const naming = (id: number, { stream, keyId }: TestStream, time: string, named = keyId): TestStream =>
  new TestStream({ stream: uuidOf(id), time, detail: { previous: { stream, key_id: named } } });

/** The controller was away: what earlier starts left is offered after the current stream. */
describe('stream keys of starts that the kubelet no longer reports', () => {
  const first = streamAt(1, '2026-11-21T08:00:00.000Z');
  const second = naming(2, first, '2026-11-21T08:30:00.000Z');

  test('are taken when an accepted stream of the pod names them, one after the other', async () => {
    start = {
      kind: 'started',
      workload: 'store',
      startedAt: '2026-11-21T10:00:00Z',
      previousStartedAt: '2026-11-21T09:00:00Z',
    };
    const current = naming(3, second, '2026-11-21T10:00:01.000Z');
    expect(outcome(await sidecar.open(first.opening))).toEqual([202, 'stream_pending']);
    expect((await sidecar.open(current.opening)).status).toBe(201);
    expect(outcome(await sidecar.open(first.opening))).toEqual([202, 'stream_pending']);
    expect((await sidecar.open(second.opening)).status).toBe(201);
    expect((await sidecar.open(first.opening)).status).toBe(201);
    expect((await sidecar.open(first.opening)).status).toBe(201);
    expect((await sidecar.putSegment(first.seal())).status).toBe(200);
    const leaves = await installation.leavesOf('stream.open');
    expect(leaves).toMatchObject([
      { stream: current.stream, containerStartedAt: '2026-11-21T10:00:00Z', previous: { keyId: second.keyId } },
      { stream: second.stream, late: true, previous: { stream: first.stream, keyId: first.keyId } },
      { stream: first.stream, late: true },
    ]);
    expect(leaves.slice(1).filter((leaf) => 'containerStartedAt' in leaf)).toEqual([]);
  });

  test('are taken where the kubelet names no earlier start at all', async () => {
    const current = naming(3, second, '2026-11-21T10:00:01.000Z');
    expect((await sidecar.open(current.opening)).status).toBe(201);
    expect((await sidecar.open(second.opening)).status).toBe(201);
    expect(await installation.leavesOf('stream.open')).toMatchObject([{}, { stream: second.stream, late: true }]);
  });

  test('stay pending when nobody names them, or names another key', async () => {
    const current = naming(3, second, '2026-11-21T10:00:01.000Z', first.keyId);
    expect((await sidecar.open(current.opening)).status).toBe(201);
    for (const { opening } of [second, first]) {
      expect(outcome(await sidecar.open(opening))).toEqual([202, 'stream_pending']);
    }
    expect(await installation.leavesOf('stream.open')).toHaveLength(1);
  });

  test('are not taken from another pod', async () => {
    const current = naming(3, second, '2026-11-21T10:00:01.000Z');
    expect((await sidecar.open(current.opening)).status).toBe(201);
    const other = await installation.enrol('other');
    expect((await other.open(streamAt(4, '2026-11-21T10:00:01.000Z').opening)).status).toBe(201);
    expect(outcome(await other.open(second.opening))).toEqual([202, 'stream_pending']);
  });

  test('are refused when the record names another key than it is signed with', async () => {
    const { opening } = new TestStream({ stream: uuidOf(1), detail: { key_id: first.keyId } });
    expect(outcome(await sidecar.open(opening))).toEqual([422, 'signature_invalid']);
  });
});

const facts = (): PodFacts => ({
  namespace: 'demo',
  pod: asked?.pod ?? '',
  podUid: asked?.podUid ?? '',
  labelled: true,
  injected: true,
  running: true,
});

/** The API server no longer accepts a deleted pod's token. */
async function revoke(): Promise<void> {
  const dir = join(installation.state, 'enrolments');
  for (const name of await readdir(dir)) await rm(join(dir, name));
}

describe('after the pod is gone', () => {
  test('signed segments are still taken, unsigned lines are not', async () => {
    const stream = streamAt(1, '2026-11-21T10:00:00.000Z');
    await sidecar.open(stream.opening);
    const first = stream.seal();
    stream.append({ kind: 'heartbeat' });
    stream.append({ kind: 'heartbeat' });
    const second = stream.seal(1);
    await revoke();
    expect(outcome(await sidecar.putSegment(first))).toEqual([401, 'unauthenticated']);
    tell({ kind: 'seen', pod: facts() });
    tell({ kind: 'gone', pod: facts() });
    expect((await sidecar.putSegment(first)).status).toBe(200);
    expect(outcome(await sidecar.putSegment(second))).toEqual([422, 'signature_invalid']);
  });
});

test('the head answer tells that the pod is being deleted', async () => {
  await installation.close();
  installation = await startInstallation({ pods, environment: { TACHO_HEADS_RELAY: '20ms' } });
  sidecar = await installation.enrol('store');
  const stream = streamAt(1, '2026-11-21T10:00:00.000Z');
  await sidecar.open(stream.opening);
  const deletionTimestamp = '2026-11-21T10:00:30Z';
  const { pod = '', podUid = '' } = asked ?? {};
  const gone = { namespace: 'demo', pod, podUid, labelled: true, injected: true, running: true, deletionTimestamp };
  tell({ kind: 'seen', pod: gone });
  const body = JSON.stringify({ stream: stream.stream, seq: 0, hash: stream.lastHash, durableSeq: 0 });
  const heard = async (): Promise<Answer> => sidecar.call('POST', '/v1/heads', { body });
  let answer = await heard();
  for (let attempt = 0; attempt < 100 && answer.status === 204; attempt += 1) answer = await heard();
  expect([answer.status, answer.json()]).toEqual([200, { deletionTimestamp }]);
});
