/** Step 10: what the archive holds beyond what the log names. */
import {
  decodeUtf8,
  parseRecord,
  parseSegmentFileName,
  parseSessionManifest,
  type SegmentName,
  type StoredRecord,
} from '@tachograph/protocol';
import { toHex } from '../bytes.ts';
import type { Crypto } from '../crypto.ts';
import { isNewerVersion, newerVersionReason, versionOf } from '../format-version.ts';
import { parseKeyObject } from '../key-object.ts';
import { splitLines } from '../lines.ts';
import type { PullList } from '../pull-list.ts';
import { readFirst } from './inventory.ts';
import type { LogIndex } from './log-index.ts';
import { PackedSet } from './packed-set.ts';
import { sameTotals } from './session-totals.ts';
import type { StreamTail } from './stream-state.ts';
import { report, type Verification } from './verification.ts';

/** An object may be this much younger than the newest leaf and its own leaf still be on the way. */
const inFlightMs = 10 * 60_000;

/** What the log accounts for. */
export interface Accounted {
  readonly index: LogIndex;
  readonly tails: ReadonlyMap<string, StreamTail>;
  /** Objects that leaves name, and `<stream>/<sha256>` of blobs. */
  readonly objects: PackedSet;
  /** Key ids of the log and of streams. */
  readonly keyIds: ReadonlySet<string>;
  /** No batch is absent: what no leaf names is then unexplained. */
  readonly whole: boolean;
  /** Hidden versions in the bucket that this is a copy of. */
  readonly noncurrent: NonNullable<PullList['noncurrent']>;
}

/** Everything that leaves name. */
export function accountedObjects(crypto: Crypto, index: LogIndex): PackedSet {
  const objects = new PackedSet(crypto);
  for (const stream of index.streams.values()) {
    for (const { leaf } of stream.manifests) objects.add(leaf.object);
    for (const { leaf } of stream.segments) {
      objects.add(leaf.object);
      for (const { sha256 } of leaf.blobs) objects.add(`${leaf.stream}/${sha256}`);
    }
  }
  return objects;
}

/** Reports hidden versions and objects that no leaf names. */
export async function checkStorage(run: Verification, accounted: Accounted): Promise<void> {
  let done = 0;
  for (const { name, generation } of accounted.noncurrent) {
    if (run.purged.has(name)) continue;
    report(run, 'object.noncurrent', { object: name }, `generation ${generation} was hidden or deleted in the bucket`);
  }
  for (const [name, { generations, noncurrent }] of run.inventory) {
    // What was purged is deleted: one hidden version is what a versioned bucket keeps of that.
    if (noncurrent && !(run.purged.has(name) && generations.length === 1)) {
      const reason = `was replaced or deleted; the original is generation ${generations[0] ?? 'unknown'}`;
      report(run, 'object.noncurrent', { object: name }, reason);
    }
    if (accounted.whole) await checkObject(run, accounted, name);
    done += 1;
    if (done % 500 === 0) run.progress({ phase: 'storage', done, total: run.inventory.size });
  }
}

async function checkObject(run: Verification, accounted: Accounted, name: string): Promise<void> {
  const area = name.split('/')[1] ?? '';
  switch (area) {
    case 'records':
      return await checkRecordsObject(run, accounted, name);
    case 'sessions':
      return await checkSessionObject(run, accounted, name);
    case 'blobs':
      return checkBlobObject(run, accounted, name);
    case 'keys':
      return await checkKeyObject(run, accounted, name);
    default:
      if (!/^v1\/log\/(batch|checkpoint)\//.test(name))
        report(run, 'object.foreign', { object: name }, 'not of this format');
  }
}

async function checkRecordsObject(run: Verification, accounted: Accounted, name: string): Promise<void> {
  if (accounted.objects.has(name)) return;
  const parsed = parseSegmentFileName(name.slice(name.lastIndexOf('/') + 1));
  if (parsed === undefined) return report(run, 'object.foreign', { object: name }, 'not a segment name');
  const inFlight = await continuesStream(run, accounted, name, parsed);
  if (inFlight) report(run, 'object.unfinished', { object: name }, 'stored, its leaf is not in the log yet');
  else report(run, 'object.unlogged', { object: name }, 'a segment that the log does not name');
}

/** Whether the segment is the next of an open stream and fresh: stored by ingest, its leaf still on the way. */
async function continuesStream(
  run: Verification,
  accounted: Accounted,
  name: string,
  parsed: SegmentName,
): Promise<boolean> {
  const end = accounted.tails.get(parsed.stream);
  if (end === undefined || hasEnded(end) || parsed.first !== end.nextSeq) return false;
  const bytes = await readFirst(run.source, run.inventory, name);
  const record = bytes === undefined ? undefined : await firstRecord(run, bytes, parsed.sha16);
  return record?.prev === end.lastHash && isFresh(accounted.index, record.time);
}

async function firstRecord(run: Verification, bytes: Uint8Array, sha16: string): Promise<StoredRecord | undefined> {
  if (!toHex(run.crypto.sha256(bytes)).startsWith(sha16)) return undefined;
  const lines = await run.gunzip(bytes, 1024 * 1024);
  const [line] = splitLines(lines.bytes);
  const text = line === undefined ? undefined : decodeUtf8(line.bytes);
  return text === undefined ? undefined : parseRecord(text);
}

function hasEnded({ closed, log }: StreamTail): boolean {
  return closed || log.closes.length > 0 || log.losts.length > 0;
}

function isFresh(index: LogIndex, time: string): boolean {
  return Date.parse(time) > Date.parse(index.newestTime) - inFlightMs;
}

/** A manifest is derived: one that says what the chain says does no harm, whoever failed to log it. */
async function checkSessionObject(run: Verification, accounted: Accounted, name: string): Promise<void> {
  if (accounted.objects.has(name)) return;
  const bytes = await readFirst(run.source, run.inventory, name);
  const manifest = bytes === undefined ? undefined : parseSessionManifest(bytes);
  const place = { object: name };
  if (manifest === undefined) return report(run, 'object.unlogged', place, 'not a session manifest');
  if (run.closings.get(manifest.session)?.some((totals) => sameTotals(totals, manifest)) === true) {
    return report(run, 'session.extra_manifest', place, 'no leaf names this manifest; it agrees with the records');
  }
  const inFlight = isFresh(accounted.index, manifest.ended) && accounted.tails.has(manifest.stream);
  if (inFlight) report(run, 'object.unfinished', place, 'stored, its leaf is not in the log yet');
  else report(run, 'object.unlogged', place, 'a session manifest that the log does not name');
}

function checkBlobObject(run: Verification, accounted: Accounted, name: string): void {
  const match = /^v1\/blobs\/dt=\d{4}-\d{2}-\d{2}\/([0-9a-f-]{36}\/[0-9a-f]{64})$/.exec(name);
  if (match === null) report(run, 'object.foreign', { object: name }, 'not a blob name');
  else if (!accounted.objects.has(match[1] ?? '')) {
    report(run, 'blob.unreferenced', { object: name }, 'no archived record names this blob');
  }
}

async function checkKeyObject(run: Verification, accounted: Accounted, name: string): Promise<void> {
  const place = { object: name };
  const id = /^v1\/keys\/([0-9a-f]{32})\.json$/.exec(name)?.[1];
  if (id === undefined) return report(run, 'object.foreign', place, 'not a key name');
  const bytes = (await readFirst(run.source, run.inventory, name)) ?? new Uint8Array();
  const key = parseKeyObject(run.crypto, bytes);
  if (key === undefined) return reportNoKey(run, name, bytes);
  if (key.keyId !== id) return report(run, 'key.object', place, 'does not hold the key that its name states');
  if (!accounted.keyIds.has(id)) report(run, 'object.foreign', place, 'a key that the log does not name');
}

function reportNoKey(run: Verification, object: string, bytes: Uint8Array): void {
  const version = versionOf(decodeUtf8(bytes) ?? '');
  if (isNewerVersion(version)) report(run, 'format.newer', { object }, newerVersionReason(version));
  else report(run, 'key.object', { object }, 'does not hold the key that its name states');
}
