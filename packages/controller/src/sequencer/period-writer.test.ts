import { beforeEach, describe, expect, test } from '@jest/globals';
import { LogTerms } from '../testing/log-terms.ts';
import { uuidOf } from '../testing/test-stream.ts';
import { verifyBucket } from '../testing/verify.ts';

const hourMs = 3_600_000;
let terms: LogTerms;

beforeEach(() => {
  terms = new LogTerms();
});

const hoursOf = async (): Promise<readonly string[]> =>
  (await terms.leavesOf('period.manifest')).map(({ from }) => from.slice(11, 13));

/** Findings of the verifier about the log itself; there are no objects behind these leaves. */
async function periodFindings(): Promise<readonly string[]> {
  const { findings } = await verifyBucket(terms.store, terms.key.vkey);
  return findings.map(({ kind }) => kind).filter((kind) => kind.startsWith('period.'));
}

describe('period manifests', () => {
  test('every hour has one, also when nothing happened', async () => {
    await terms.lead();
    await terms.clock.pass(3 * hourMs + 20_000);
    expect(await hoursOf()).toEqual(['10', '11', '12']);
    const [first, second] = await terms.leavesOf('period.manifest');
    expect(first).toMatchObject({
      cluster: 'test',
      from: '2026-11-21T10:00:00.000Z',
      to: '2026-11-21T11:00:00.000Z',
      log: { size: 1 },
      segments: 0,
    });
    expect(second).toMatchObject({ streams: { opened: 0, open: 0 }, records: 0, sessions: 0, log: { size: 2 } });
    expect(first).not.toHaveProperty('backfill');
    expect(await periodFindings()).toEqual([]);
  });

  test('one counts what the hour added, once', async () => {
    const { port } = await terms.lead();
    await terms.during(port.append([terms.openLeaf(1), terms.openLeaf(2)]));
    await terms.during(port.append([terms.segmentLeaf(1, 0, 9)]));
    await terms.clock.pass(hourMs);
    const close = { v: 1, type: 'stream.close', stream: uuidOf(1), lastSeq: 14, lastHash: 'f'.repeat(64) };
    await terms.during(port.append([terms.segmentLeaf(1, 10, 14)]));
    await terms.during(port.append([JSON.stringify({ ...close, receivedAt: terms.now() })]));
    await terms.clock.pass(hourMs);
    expect(await terms.leavesOf('period.manifest')).toMatchObject([
      { streams: { opened: 2, closed: 0, lost: 0, open: 2 }, segments: 1, records: 10 },
      { streams: { opened: 0, closed: 1, lost: 0, open: 1 }, segments: 1, records: 5 },
    ]);
    expect(await periodFindings()).toEqual([]);
  });

  test('hours in which nobody led are written by the next leader, as back-filled', async () => {
    const before = await terms.lead();
    await terms.clock.pass(hourMs / 2);
    await before.close();
    await terms.clock.pass(4 * hourMs);
    await terms.lead();
    expect(await hoursOf()).toEqual(['10', '11', '12', '13']);
    const manifests = await terms.leavesOf('period.manifest');
    expect(manifests.map(({ backfill }) => backfill ?? false)).toEqual([true, true, true, false]);
    expect(await periodFindings()).toEqual([]);
  });

  test('a new leader writes no hour a second time', async () => {
    const before = await terms.lead();
    await terms.clock.pass(hourMs + 20_000);
    await before.close();
    await terms.lead();
    await terms.clock.pass(60_000);
    expect(await hoursOf()).toEqual(['10']);
  });

  test('the verifier counts again, and names a manifest that leaves something out', async () => {
    const { port } = await terms.lead();
    await terms.during(port.append([terms.openLeaf(1)]));
    const honest = terms.clock.nowMs() + hourMs;
    await terms.clock.pass(hourMs - 1000);
    // What a dishonest operator's sequencer would write: the stream of this hour is not in it.
    await terms.during(forge(honest, { opened: 0, closed: 0, lost: 0, open: 0 }));
    expect(await periodFindings()).toEqual(['period.mismatch']);
  });

  test('the verifier misses the hours of a sequencer that writes none', async () => {
    const { log } = await terms.lead({
      timers: { after: (ms, run) => (ms > 100 ? never : terms.clock.after(ms, run)) },
    });
    await terms.clock.pass(2 * hourMs);
    await terms.during(log.write({ v: 1, type: 'key.retired', keyId: 'x', at: terms.now() }));
    expect(await periodFindings()).toEqual(['period.gap']);
  });
});

const never = (): void => undefined;

async function forge(
  toMs: number,
  streams: { opened: number; closed: number; lost: number; open: number },
): Promise<void> {
  const { log } = await terms.lead();
  const manifest = log.index.periods.manifest({ cluster: 'test', ...log.queued(), at: new Date(toMs).toISOString() });
  if (manifest === undefined) throw new Error('nothing counted');
  await log.write({ ...manifest, streams });
}
