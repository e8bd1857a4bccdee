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

describe('stream keys', () => {
  test('wait until the start of the container is visible', async () => {
    start = { kind: 'pending' };
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
