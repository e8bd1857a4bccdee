import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkSegment, type CheckedSegment } from '@tachograph/archive';
import { parseRecord, parseSegmentFileName, type StoredRecord } from '@tachograph/protocol';
import { createMetrics, silentLogger, type Clock } from '@tachograph/service';
import type { RecorderOptions } from './create-recorder.ts';
import { nodeCrypto } from './node-crypto.ts';
import { readSealNote } from './sealed-segment.ts';
import type { RecorderSettings } from './settings.ts';
import { readStreamFile } from './stream-file.ts';
import type { Timers } from './timers.ts';

/** A clock and timers that stand still until a test moves them. */
export interface ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Runs what falls due on the way, in order. */
  advance(ms: number): void;
}

export function createManualTime(startMs = Date.UTC(2026, 0, 2, 12)): ManualTime {
  let nowMs = startMs;
  let due: { atMs: number; everyMs: number | undefined; run: () => void }[] = [];
  const add = (delayMs: number, everyMs: number | undefined, run: () => void) => {
    const timer = { atMs: nowMs + delayMs, everyMs, run };
    due.push(timer);
    return () => void (due = due.filter((one) => one !== timer));
  };
  return {
    clock: { nowMs: () => nowMs, monotonicNs: () => nowMs * 1e6 },
    timers: {
      after: (delayMs, run) => add(delayMs, undefined, run),
      every: (intervalMs, run) => add(intervalMs, intervalMs, run),
      soon: (run) => void setImmediate(run),
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const next = due.filter((one) => one.atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.atMs);
        if (next.everyMs === undefined) due = due.filter((one) => one !== next);
        else next.atMs += next.everyMs;
        next.run();
      }
      nowMs = endMs;
    },
  };
}

export function createSpoolDir(): string {
  return mkdtempSync(join(tmpdir(), 'tachograph-record-'));
}

export function testSettings(spoolDir: string, changed: Partial<RecorderSettings> = {}): RecorderSettings {
  return {
    spoolDir,
    durability: 'process',
    quotaBytes: 64 * 1024 ** 2,
    sessionIdleMs: 900_000,
    maxUnarchivedAgeMs: 900_000,
    sealsBodies: false,
    workload: { cluster: 'c', namespace: 'ns', workload: 'w', pod: 'w-0', podUid: 'uid' },
    controller: undefined,
    ...changed,
  };
}

export function testOptions(settings: RecorderSettings, time: Pick<ManualTime, 'clock' | 'timers'>): RecorderOptions {
  const about = { version: '0.1.0', settingsDigest: '0'.repeat(64), stepsOff: [] };
  return { settings, about, log: silentLogger, metrics: createMetrics(), ...time };
}

/** One stream's sealed segments, checked by the archive's own check, with every record. */
export interface SealedStream {
  readonly records: readonly StoredRecord[];
  readonly hashes: readonly string[];
  readonly segments: readonly CheckedSegment[];
}

/** Throws when a segment does not hold or does not follow the one before. */
export function readSealedStream(dir: string): SealedStream {
  const facts = readStreamFile(dir);
  if (facts === undefined) throw new Error('no stream file');
  const publicKey = Buffer.from(facts.publicKey, 'base64');
  const records: StoredRecord[] = [];
  const hashes: string[] = [];
  const segments: CheckedSegment[] = [];
  for (const file of readdirSync(dir).toSorted()) {
    const name = parseSegmentFileName(file);
    if (name === undefined) continue;
    const signature = readSealNote(join(dir, `${file}.sig`))?.signature;
    if (signature === undefined) throw new Error(`${file}: no signature`);
    const before = segments.at(-1);
    const checked = checkSegment(nodeCrypto, gunzipSync(readFileSync(join(dir, file))), {
      stream: name.stream,
      publicKey,
      first: name.first,
      last: name.last,
      signedSeq: signature.seq,
      sig: signature.sig,
      ...(before === undefined ? {} : { firstPrev: before.lastHash }),
      onRecord: (record, lineHash) => {
        records.push(record);
        hashes.push(lineHash);
      },
    });
    if (checked.kind === 'broken') throw new Error(`${file} line ${checked.line}: ${checked.reason}`);
    if (name.first !== (before === undefined ? 0 : before.last + 1)) throw new Error(`${file}: gap before it`);
    segments.push(checked);
  }
  return { records, hashes, segments };
}

/** All lines of a stream as they stand in its raw segments. */
export function readRawRecords(dir: string): StoredRecord[] {
  const raw = readdirSync(dir).filter((file) => file.endsWith('.open.jsonl'));
  return raw.toSorted().flatMap((file) =>
    readFileSync(join(dir, file), 'utf8')
      .split('\n')
      .map((line) => parseRecord(line))
      .filter((record) => record !== undefined),
  );
}
