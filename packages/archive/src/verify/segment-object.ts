/** Steps 5 to 7 for one segment leaf: the object's bytes, its lines against the leaf, its blobs. */
import { parseSegmentFileName, type SegmentLeaf } from '@tachograph/protocol';
import { isNewerReason } from '../format-version.ts';
import { hashLine } from '../head.ts';
import { type CheckedSegment, checkSegment, type SegmentCheck } from '../segment.ts';
import { checkBlobs } from './blob-check.ts';
import { readFirst } from './inventory.ts';
import type { Logged } from './log-index.ts';
import { type StreamWalk, takeLine } from './stream-state.ts';
import { report, reportAbsent, type Verification } from './verification.ts';

/** More than any recorder seals: 4 MiB of lines and one last record. */
const maxLinesBytes = 64 * 1024 * 1024;

/**
 * The stored bytes, `undefined` when they are absent or not asked for. By generation: what an administrator put in
 * front of the original is then not mistaken for it.
 */
export async function readSegment(run: Verification, leaf: SegmentLeaf): Promise<Uint8Array | undefined> {
  if (!run.isSelected(leaf.object)) return undefined;
  return (
    (await run.source.get(leaf.object, leaf.generation)) ?? (await readFirst(run.source, run.inventory, leaf.object))
  );
}

/** Verifies the object behind a leaf. What cannot be read becomes a hole for the sessions. */
export async function checkSegmentObject(
  run: Verification,
  walk: StreamWalk,
  logged: Logged<SegmentLeaf>,
  bytes: Uint8Array | undefined,
): Promise<void> {
  const { leaf } = logged;
  checkName(run, walk, leaf);
  if (bytes === undefined) {
    walk.ledger.addHole(leaf.first, leaf.last);
    const { object, line } = logged.place;
    if (run.isSelected(leaf.object)) {
      reportAbsent(run, { object: leaf.object }, `named by the log (${object} line ${line})`);
    } else run.counts.segmentsNotSelected += 1;
    return;
  }
  run.counts.segments += 1;
  await checkBytes(run, walk, leaf, bytes);
  const { segments, recordBytes } = run.counts;
  run.progress({ phase: 'segments', done: segments, total: 0, recordBytes });
}

function checkName(run: Verification, walk: StreamWalk, leaf: SegmentLeaf): void {
  const { cluster, namespace } = walk.identity.open;
  const name = parseSegmentFileName(leaf.object.slice(leaf.object.lastIndexOf('/') + 1));
  const fits =
    leaf.object.startsWith(`v1/records/cluster=${cluster}/namespace=${namespace}/dt=`) &&
    name?.stream === leaf.stream &&
    name.first === leaf.first &&
    name.last === leaf.last &&
    leaf.sha256.startsWith(name.sha16);
  if (!fits) report(run, 'segment.leaf', { object: leaf.object }, 'the name does not say what the leaf says');
}

async function checkBytes(run: Verification, walk: StreamWalk, leaf: SegmentLeaf, bytes: Uint8Array): Promise<void> {
  const intact = hashLine(run.crypto, bytes) === leaf.sha256 && bytes.length === leaf.size;
  const lines = await run.gunzip(bytes, maxLinesBytes);
  run.counts.recordBytes += lines.bytes.length;
  const seen = { line: 0 };
  const check = checkSegment(run.crypto, lines.bytes, {
    ...leaf,
    publicKey: walk.identity.publicKey,
    firstPrev: walk.nextSeq === leaf.first ? walk.lastHash : leaf.firstPrev,
    onLine: (line) => {
      seen.line = line.number;
      takeLine(run, walk, line, leaf.object);
    },
  });
  if (bytes.length < leaf.size) reportCut(run, leaf, bytes.length, seen.line);
  else if (!intact) reportBytes(run, leaf, check, seen.line);
  else if (check.kind === 'broken' || !lines.complete) reportLines(run, leaf, check);
  else compareLeaf(run, leaf, check);
  // A segment is megabytes: left to the collector, dozens would be alive at a time.
  lines.release?.();
  run.source.release?.(bytes);
  if (check.kind === 'broken') walk.ledger.addHole(leaf.first + seen.line, leaf.last);
  else await checkBlobs(run, leaf, check);
}

/** Half a download and a cut object look alike; that it is short is what can be said. */
function reportCut(run: Verification, { object, size }: SegmentLeaf, bytes: number, readLines: number): void {
  const reason = `has ${bytes} of ${size} bytes: half a download, or cut`;
  report(run, 'object.bytes', { object, line: readLines + 1 }, reason);
}

/** The bytes are not the archived ones: name the line where that shows, as far as they can still be read. */
function reportBytes(run: Verification, leaf: SegmentLeaf, check: SegmentCheck, readLines: number): void {
  const { object } = leaf;
  if (check.kind === 'broken') {
    const line = check.line > 0 ? check.line : readLines + 1;
    report(run, 'object.bytes', { object, line }, `stored bytes differ from the log; ${check.reason}`);
  } else if (check.lastHash !== leaf.lastHash) {
    report(run, 'object.bytes', { object, line: readLines }, 'stored bytes differ from the log; so does the last line');
  } else {
    report(run, 'object.bytes', { object }, 'stored bytes differ from the log, though every line still verifies');
  }
}

function reportLines(run: Verification, leaf: SegmentLeaf, check: SegmentCheck): void {
  if (check.kind === 'ok') report(run, 'segment.lines', { object: leaf.object }, 'not one whole gzip stream');
  else {
    const place = check.line > 0 ? { object: leaf.object, line: check.line } : { object: leaf.object };
    report(run, isNewerReason(check.reason) ? 'format.newer' : 'segment.lines', place, check.reason);
  }
}

function compareLeaf(run: Verification, leaf: SegmentLeaf, check: CheckedSegment): void {
  const fields = ['firstPrev', 'lastHash', 'unsignedTail'] as const;
  const wrong = fields.filter((field) => leaf[field] !== check[field]);
  if (wrong.length > 0) report(run, 'segment.leaf', { object: leaf.object }, `the leaf misstates ${wrong.join(', ')}`);
  if (check.unsignedTail > 0) {
    const line = leaf.last - leaf.first + 2 - check.unsignedTail;
    const reason = `the last ${check.unsignedTail} lines were recovered after a crash and bear no signature of the recorder`;
    report(run, 'stream.unsigned_tail', { object: leaf.object, line }, reason);
  }
}
