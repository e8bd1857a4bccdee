/** A small whole archive and a run over it; tests damage the one and look at the other. */
import { type Leaf, type SegmentLeaf } from '@tachograph/protocol';
import type { Finding } from '../verify/finding.ts';
import { verifyArchive, type VerifyOptions } from '../verify/verify-archive.ts';
import type { VerifyReport } from '../verify/verify-report.ts';
import {
  addSession,
  gunzip,
  LogFixture,
  type Objects,
  sourceOf,
  storeManifest,
  StreamFixture,
  time,
} from './archive-fixture.ts';
import { nodeCrypto as crypto } from './node-crypto.ts';

export interface Whole {
  readonly objects: Objects;
  readonly log: LogFixture;
  readonly it: StreamFixture;
  readonly first: SegmentLeaf;
  readonly second: SegmentLeaf;
  readonly manifest: Leaf;
}

/** Pod injected, stream opened, one session over two segments, manifest, close; two checkpoints. */
export function whole(): Whole {
  const objects: Objects = new Map();
  const log = new LogFixture(objects);
  const it = new StreamFixture();
  const session = addSession(it, 3);
  it.add({ kind: 'stream.close' });
  const last = it.lines.length - 1;
  const pod = { v: 1, cluster: 'demo', namespace: 'team-a', pod: 'files-0', podUid: 'uid-0', at: time } as const;
  log.batch({ ...pod, type: 'pod.injected' }, it.openLeaf());
  const first = it.seal(objects, 0, 3);
  const second = it.seal(objects, 4, last);
  log.batch(first);
  log.checkpoint();
  const segments = [first, second].map(({ object, generation, sha256 }) => ({ object, generation, sha256 }));
  const manifest = storeManifest(objects, { ...session, segments });
  log.batch(second, manifest, { v: 1, type: 'stream.heads', heads: [headOf(it, last)], at: time });
  log.batch({
    v: 1,
    type: 'stream.close',
    stream: it.stream,
    lastSeq: last,
    lastHash: it.hashes[last] ?? '',
    receivedAt: time,
  });
  log.checkpoint();
  return { objects, log, it, first, second, manifest };
}

export function headOf(
  it: StreamFixture,
  seq: number,
): { stream: string; seq: number; hash: string; durableSeq: number } {
  return { stream: it.stream, seq, hash: it.hashes[seq] ?? '', durableSeq: seq };
}

export async function verify(
  archive: Pick<Whole, 'objects' | 'log'>,
  options: Partial<VerifyOptions> = {},
): Promise<VerifyReport & { found: string[]; all: Finding[] }> {
  const all: Finding[] = [];
  const source = sourceOf(archive.objects);
  const report = await verifyArchive({
    source,
    policy: archive.log.policy(),
    crypto,
    gunzip,
    onFinding: (finding) => all.push(finding),
    ...options,
  });
  return { ...report, all, found: all.map(({ kind }) => kind) };
}
