import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Finding,
  parseLogPolicy,
  type StreamRunner,
  type StreamState,
  verifyArchive,
  type VerifyReport,
} from '@tachograph/archive';
import { createDirectoryStore, openStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { toArchiveSource } from '../archive/open-archive.ts';
import { ArchiveBuilder } from '../testing/archive-builder.ts';
import { createStreamPool, type StreamPoolOptions } from './stream-pool.ts';

const root = mkdtempSync(join(tmpdir(), 'tacho-pool-'));
const program = new URL('stream-worker-main.ts', import.meta.url);
let policyText = '';

beforeAll(async () => {
  mkdirSync(root, { recursive: true });
  const builder = new ArchiveBuilder(createDirectoryStore(root));
  for (let n = 0; n < 12; n += 1) {
    const session = `01932b00-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`;
    const stream = builder.openStream();
    stream.add({ kind: 'session.open', session });
    const first = await stream.seal();
    stream.add({ kind: 'gap', detail: { cause: 'calls_refused' } });
    await stream.close(session);
    if (n % 4 === 1) writeFileSync(join(root, first.object), 'damage');
    if (n % 3 > 0) stream.end();
  }
  await builder.publish();
  policyText = builder.policy;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(
  runStreams?: StreamRunner,
  segments: number[] = [],
): Promise<{ report: VerifyReport; findings: Finding[] }> {
  const parsed = parseLogPolicy(nodeCrypto, policyText);
  if (parsed.kind !== 'ok') throw new Error(parsed.reason);
  const findings: Finding[] = [];
  const report = await verifyArchive({
    source: toArchiveSource({ store: openStore(root), isBucket: false, address: root }),
    policy: parsed.policy,
    crypto: nodeCrypto,
    gunzip: nodeGunzip,
    progress: ({ phase, done }) => (phase === 'segments' ? segments.push(done) : 0),
    onFinding: (finding) => findings.push(finding),
    ...(runStreams === undefined ? {} : { runStreams }),
  });
  return { report, findings };
}

function pool(options: Partial<StreamPoolOptions> = {}): StreamRunner {
  return createStreamPool({
    archive: { address: root, apiEndpoint: undefined, saveEveryMs: 0 },
    jobs: 3,
    program,
    onState: () => undefined,
    interrupted: () => false,
    throwIfInterrupted: () => undefined,
    ...options,
  });
}

describe('streams in threads', () => {
  test('give the same report and findings, in the same order, as one after the other', async () => {
    const inTurn = await run();
    expect(inTurn.findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['object.bytes', 'record.gap']));
    const segments: number[] = [];
    expect(await run(pool(), segments)).toEqual(inTurn);
    expect(segments.at(-1)).toBe(24);
  });

  test('stop between segments, with a state to go on from, when the run is interrupted', async () => {
    const states: StreamState[] = [];
    let stopped = false;
    const runner = pool({
      jobs: 1,
      onState(state) {
        states.push(state);
        stopped ||= states.length === 5;
      },
      interrupted: () => stopped,
      throwIfInterrupted() {
        if (stopped) throw new Error('interrupted');
      },
    });
    await expect(run(runner)).rejects.toThrow('interrupted');
    expect(states.length).toBeGreaterThanOrEqual(5);
    expect(states.length).toBeLessThan(24);
  });

  test('end the run when one of them cannot read the archive', async () => {
    const archive = { address: join(root, 'x'.repeat(300)), apiEndpoint: undefined, saveEveryMs: undefined };
    await expect(run(pool({ archive }))).rejects.toMatchObject({ code: 'store' });
    const broken = pool({ program: new URL('nothing-there.ts', import.meta.url) });
    await expect(run(broken)).rejects.toMatchObject({ code: 'internal' });
  });
});
