import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { addSession, gunzip, LogFixture, type Objects, sourceOf, StreamFixture } from '../testing/archive-fixture.ts';
import { nodeCrypto as crypto } from '../testing/node-crypto.ts';
import { verify } from '../testing/verify-fixture.ts';
import { type StreamRunner, type StreamState, verifyStreamTask } from './stream-task.ts';
import type { ResumePoint } from './verify-archive.ts';

const ids = ['01932b00-0000-7000-8000-000000000001', '01932b00-0000-7000-8000-000000000002'];

/** Two streams of several segments; sessions reach over them; one segment is damaged, one stream states a gap. */
function archiveOf(): { objects: Objects; log: LogFixture } {
  const objects: Objects = new Map();
  const log = new LogFixture(objects);
  for (const [n, id] of ids.entries()) {
    const it = new StreamFixture(id);
    addSession(it, 4, `01932b00-0000-7000-8000-0000000000a${n}`);
    it.add({ kind: 'gap', detail: { cause: 'calls_refused' } });
    addSession(it, 3, `01932b00-0000-7000-8000-0000000000b${n}`);
    it.add({ kind: 'stream.close' });
    log.batch({ ...it.openLeaf(), podUid: `uid-${n}` });
    const end = it.lines.length - 1;
    const cuts = [0, 3, 4, 9, 14];
    const leaves = cuts.map((first, i) => it.seal(objects, first, (cuts[i + 1] ?? end + 1) - 1));
    log.batch(...leaves);
    if (n === 1) objects.set(leaves[2]?.object ?? '', gzipSync('junk\n'));
  }
  log.checkpoint();
  return { objects, log };
}

/** A runner that keeps every state, through JSON as a file would. */
function keeping(states: StreamState[], objects: Objects, stopAfter = Infinity): StreamRunner {
  return async function* run(tasks) {
    for (const task of tasks) {
      yield await verifyStreamTask(
        {
          source: sourceOf(objects),
          crypto,
          gunzip,
          onState: (state) => {
            states.push(JSON.parse(JSON.stringify(state())) as StreamState);
            if (states.length >= stopAfter) throw new Error('stopped');
          },
        },
        task,
      );
    }
  };
}

function resumeAt(log: LogFixture, states: readonly StreamState[]): ResumePoint {
  const { size } = log.tree;
  const root = Buffer.from(log.tree.root()).toString('hex');
  return { size, root, stateOf: (stream) => states.findLast((state) => state.stream === stream) };
}

describe('a run that was interrupted', () => {
  test('reaches the same verdict and findings from wherever it stood', async () => {
    const { objects, log } = archiveOf();
    const all: StreamState[] = [];
    const whole = await verify({ objects, log }, { runStreams: keeping(all, objects) });
    expect(all).toHaveLength(10);
    expect(whole.found).toEqual(expect.arrayContaining(['object.bytes', 'record.gap', 'session.no_manifest']));
    for (let stop = 1; stop <= all.length; stop += 1) {
      const states: StreamState[] = [];
      await expect(verify({ objects, log }, { runStreams: keeping(states, objects, stop) })).rejects.toThrow('stopped');
      expect(await verify({ objects, log }, { resume: resumeAt(log, states) })).toEqual(whole);
    }
  });

  test('reads no segment again that it had checked', async () => {
    const { objects, log } = archiveOf();
    const states: StreamState[] = [];
    const whole = await verify({ objects, log }, { runStreams: keeping(states, objects) });
    const source = sourceOf(objects);
    const read: string[] = [];
    const resumed = await verify(
      { objects, log },
      {
        resume: resumeAt(log, states),
        source: {
          ...source,
          get: async (name, generation) => {
            read.push(name);
            return await source.get(name, generation);
          },
        },
      },
    );
    expect(read.filter((name) => name.startsWith('v1/records/'))).toEqual([]);
    expect(resumed).toEqual(whole);
  });

  test('begins anew with streams whose segments are others, and when the log is another', async () => {
    const { objects, log } = archiveOf();
    const states: StreamState[] = [];
    const whole = await verify({ objects, log }, { runStreams: keeping(states, objects) });
    const lying = states.map((state) => ({
      ...state,
      walk: { ...state.walk, digest: 'x' },
      outcome: { ...state.outcome, counts: { ...state.outcome.counts, records: 999 } },
    }));
    expect(await verify({ objects, log }, { resume: resumeAt(log, lying) })).toEqual(whole);
    const seen: boolean[] = [];
    const resume = { ...resumeAt(log, states), size: log.tree.size, root: '0'.repeat(64), stateOf: () => states[0] };
    await verify({ objects, log }, { resume, onLog: ({ resumed }) => seen.push(resumed) });
    expect(seen).toEqual([false]);
  });

  test('goes on when the log has grown since', async () => {
    const { objects, log } = archiveOf();
    const states: StreamState[] = [];
    await verify({ objects, log }, { runStreams: keeping(states, objects) });
    const resume = resumeAt(log, states);
    log.batch({ v: 1, type: 'admin.action', action: 'replay', detail: {}, at: '2026-11-21T12:05:00.000Z' });
    log.checkpoint();
    const fresh = await verify({ objects, log });
    expect(await verify({ objects, log }, { resume })).toEqual(fresh);
  });
});
