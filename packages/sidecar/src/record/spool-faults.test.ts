import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordDraft } from '@tachograph/protocol';
import { eventually } from '../testing/client.ts';
import { createRecorder } from './create-recorder.ts';
import type { Recorder } from './recorder.ts';
import { recoverStream } from './recovered-stream.ts';
import type { RecorderSettings } from './settings.ts';
import {
  createManualTime,
  createSpoolDir,
  readSealedStream,
  testOptions,
  testSettings,
} from './recording.test-support.ts';
import { nodeSpoolFs, type SpoolFs } from './spool-fs.ts';

function failed(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A disk that fails when told to. */
function createFaultyFs() {
  const faults = {
    write: undefined as string | undefined,
    sync: undefined as string | undefined,
    partial: 0,
    open: false,
  };
  const fs: SpoolFs = {
    ...nodeSpoolFs,
    open(path, flags) {
      if (faults.open) throw failed('EROFS');
      return nodeSpoolFs.open(path, flags);
    },
    write(fd, bytes, offset, length) {
      if (faults.write === undefined) return nodeSpoolFs.write(fd, bytes, offset, length);
      if (faults.partial > 0) {
        const written = nodeSpoolFs.write(fd, bytes, offset, Math.min(faults.partial, length));
        faults.partial = 0;
        return written;
      }
      throw failed(faults.write);
    },
    syncData(fd, done) {
      if (faults.sync === undefined) nodeSpoolFs.syncData(fd, done);
      else setImmediate(() => done(failed('EIO')));
    },
  };
  return { fs, faults };
}

function request(exchange: number): RecordDraft {
  return { kind: 'mcp.request', dir: 'c2s', exchange, jsonrpc_request_id: String(exchange), body: 'x'.repeat(1000) };
}

async function open(changed: Partial<RecorderSettings>, fs?: SpoolFs) {
  const spoolDir = createSpoolDir();
  const time = createManualTime();
  const options = testOptions(testSettings(spoolDir, changed), time);
  const running = await createRecorder(fs === undefined ? options : { ...options, fs });
  return { running, time, dir: join(spoolDir, running.recorder.stream), spoolDir };
}

/** Lets the writes and syncs that were started run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => void setTimeout(resolve, 5));
}

/** Resolves when calls are recorded again. */
function works(recorder: Recorder): Promise<void> {
  return eventually(() => recorder.refusal() === undefined, 'recording goes on');
}

/** The segment of seq 0 is sealed, and nothing of its raw form is left. */
function isFirstSealed(files: readonly string[]): boolean {
  return (
    files.some((file) => /^[0-9a-f-]{36}-0{12}-.*\.gz$/.test(file)) &&
    !files.some((file) => file.startsWith('0'.repeat(12)))
  );
}

async function codesOf(appends: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(appends);
  return settled.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason as { code: string }).code));
}

describe('a failing disk', () => {
  test.each([
    { durability: 'process', fault: { write: 'ENOSPC', partial: 700 } },
    { durability: 'process', fault: { write: 'EIO' } },
    { durability: 'node', fault: { write: 'ENOSPC', partial: 1500 } },
    { durability: 'node', fault: { sync: 'EIO' } },
  ] as const)('refuses every call and loses nothing that was acknowledged ($durability, $fault)', async (it) => {
    const { fs, faults } = createFaultyFs();
    const { running, time, dir } = await open({ durability: it.durability }, fs);
    const { recorder } = running;
    const before = await Promise.all([0, 1, 2].map((i) => recorder.append(request(i))));
    Object.assign(faults, it.fault);
    expect(await codesOf([3, 4].map((i) => recorder.append(request(i))))).toEqual(['spool_error', 'spool_error']);
    expect(recorder.refusal()).toBe('spool_error');
    expect(await codesOf([recorder.append(request(5))])).toEqual(['spool_error']);
    time.advance(1000);
    await settle();
    expect(recorder.refusal()).toBe('spool_error');
    Object.assign(faults, { write: undefined, sync: undefined });
    time.advance(1000);
    await works(recorder);
    const after = await recorder.append(request(6));
    await running.close();
    const { records, hashes } = readSealedStream(dir);
    expect(before.map(({ seq, hash }) => hashes[seq] === hash)).toEqual([true, true, true]);
    expect(hashes[after.seq]).toBe(after.hash);
    const gap = records.find((record) => record.kind === 'gap');
    expect(gap?.detail).toMatchObject({
      cause: 'spool_error',
      refused: 2,
      first_refused_line: 4,
      last_refused_line: 5,
    });
  });

  test('never syncs the file again whose sync has failed', async () => {
    const { fs, faults } = createFaultyFs();
    const opened: string[] = [];
    const watched: SpoolFs = {
      ...fs,
      open(path, flags) {
        opened.push(path);
        return fs.open(path, flags);
      },
    };
    const { running, time, dir } = await open({ durability: 'node' }, watched);
    await running.recorder.append(request(0));
    faults.sync = 'EIO';
    await codesOf([running.recorder.append(request(1))]);
    faults.sync = undefined;
    time.advance(1000);
    await works(running.recorder);
    const files = opened.filter((path) => path.endsWith('.open.jsonl'));
    expect(new Set(files).size).toBe(files.length);
    expect(files).toHaveLength(2);
    await running.close();
    expect(readSealedStream(dir).segments.length).toBeGreaterThan(1);
  });

  test('a kill after an outage on a disk that cannot even truncate leaves one chain', async () => {
    const { fs, faults } = createFaultyFs();
    const { running, time, dir } = await open({ durability: 'node' }, { ...fs, truncate: () => undefined });
    const before = await running.recorder.append(request(0));
    faults.sync = 'EIO';
    await codesOf([running.recorder.append(request(1))]);
    faults.sync = undefined;
    time.advance(1000);
    await works(running.recorder);
    const after = await running.recorder.append(request(2));
    await eventually(() => isFirstSealed(readdirSync(dir)), 'the first segment is sealed');
    const recovered = await recoverStream(dir);
    expect(recovered).toMatchObject({ damagedBytes: 0, end: { seq: after.seq, hash: after.hash } });
    expect(readSealedStream(dir).hashes[before.seq]).toBe(before.hash);
  });

  test('a start on a disk that cannot be written is refused', async () => {
    const { fs, faults } = createFaultyFs();
    faults.open = true;
    await expect(open({}, fs)).rejects.toMatchObject({ code: 'spool_error' });
  });

  test('a kill during the outage leaves every acknowledged record', async () => {
    const { fs, faults } = createFaultyFs();
    const { running, dir } = await open({ durability: 'node' }, fs);
    const kept = await running.recorder.append(request(0));
    faults.sync = 'EIO';
    await codesOf([running.recorder.append(request(1))]);
    // What the dying process was still doing must not disturb the recovery that is looked at.
    await eventually(() => isFirstSealed(readdirSync(dir)), 'the first segment is sealed');
    const recovered = await recoverStream(dir);
    expect(recovered?.end).toEqual({ seq: kept.seq, hash: kept.hash });
  });
});

describe('a full spool', () => {
  const quotaBytes = 8 * 1024 ** 2;

  test('refuses new calls while those let in, the closes and the summaries are still recorded', async () => {
    const { running, time, dir } = await open({ quotaBytes });
    const { recorder } = running;
    const session = await recorder.session({ iss: 'i', sub: 's', clientId: 'c', clientName: 'n' }, {});
    let taken = 0;
    const body = 'x'.repeat(100_000);
    while (recorder.refusal() === undefined && taken < 1000) {
      await recorder.append({ ...request(taken), session, body });
      taken += 1;
    }
    expect(recorder.refusal()).toBe('spool_full');
    expect(await codesOf([recorder.append({ ...request(1), session })])).toEqual(['spool_full']);
    const answer = recorder.append({ kind: 'mcp.response', dir: 's2c', session, exchange: 0, jsonrpc_request_id: '0' });
    expect(await codesOf([answer])).toEqual(['ok']);
    for (let i = 0; i < 100; i += 1) {
      running.refusals.count({ source: `10.0.0.${i}`, reason: 'spool_full', origin: 'network' });
      running.refusals.count({ source: `10.0.0.${i}`, reason: 'no_token', origin: 'network' });
    }
    time.advance(61_000);
    await settle();
    await running.close();
    const { records } = readSealedStream(dir);
    const kinds = records.slice(-5).map((record) => record.kind);
    expect(kinds).toEqual(expect.arrayContaining(['auth.refused', 'gap', 'session.close', 'stream.close']));
    const summary = records.find((record) => record.kind === 'auth.refused')?.detail as {
      refused: unknown[];
      others: number;
    };
    expect([summary.refused.length, summary.others]).toEqual([64, 36]);
  });
});
