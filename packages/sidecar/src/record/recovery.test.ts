import { describe, expect, test } from '@jest/globals';
import { appendFileSync, cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createRecorder } from './create-recorder.ts';
import { recoverStream } from './recovered-stream.ts';
import {
  createManualTime,
  createSpoolDir,
  readSealedStream,
  testOptions,
  testSettings,
} from './recording.test-support.ts';

/** A stream of some records as a killed process leaves it: open, with signed heads up to a point. */
async function leaveOpen(count: number): Promise<{ dir: string; raw: string; lengths: number[] }> {
  const spoolDir = createSpoolDir();
  const time = createManualTime();
  const { recorder } = await createRecorder(testOptions(testSettings(spoolDir), time));
  const session = await recorder.session({ iss: 'i', sub: 's', clientId: 'c', clientName: 'n' }, {});
  for (let i = 0; i < count; i += 1) {
    await recorder.append({
      kind: 'mcp.request',
      dir: 'c2s',
      session,
      exchange: i,
      jsonrpc_request_id: `${i}`,
      body: 'µ'.repeat(i),
    });
    if (i % 7 === 3) time.advance(100);
  }
  const dir = join(spoolDir, recorder.stream);
  const raw = readdirSync(dir).find((file) => file.endsWith('.open.jsonl')) ?? '';
  const lengths = readFileSync(join(dir, raw), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.byteLength(line) + 1);
  return { dir, raw, lengths };
}

/** The number of whole lines within so many bytes. */
function wholeLines(lengths: readonly number[], bytes: number): number {
  let sum = 0;
  return lengths.filter((length) => (sum += length) <= bytes).length;
}

describe('recovery', () => {
  test('keeps every whole line, cuts the torn one, and says how many no head covers, wherever the file ends', async () => {
    const left = await leaveOpen(40);
    const size = statSync(join(left.dir, left.raw)).size;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: size }), async (cut) => {
        const dir = join(createSpoolDir(), left.dir.split('/').at(-1) ?? '');
        cpSync(left.dir, dir, { recursive: true });
        truncateSync(join(dir, left.raw), cut);
        const lines = wholeLines(left.lengths, cut);
        const recovered = await recoverStream(dir);
        expect(recovered?.end?.seq ?? -1).toBe(lines - 1);
        const whole = left.lengths.slice(0, lines).reduce((sum, length) => sum + length, 0);
        expect(recovered?.tornBytes).toBe(cut - whole);
        const { records, segments } = readSealedStream(dir);
        expect(records.length).toBe(lines);
        expect(segments[0]?.unsignedTail ?? 0).toBe(recovered?.unsignedTail);
        expect(recovered?.requests.map((request) => request.seq)).toEqual(
          records.filter((record) => record.kind === 'mcp.request').map((record) => record.seq),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('stops at a changed byte, keeps what follows beside, and never throws', async () => {
    const left = await leaveOpen(20);
    const original = readFileSync(join(left.dir, left.raw));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: original.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const dir = join(createSpoolDir(), left.dir.split('/').at(-1) ?? '');
          cpSync(left.dir, dir, { recursive: true });
          const changed = Buffer.from(original);
          changed[at] = (changed[at] ?? 0) ^ flip;
          writeFileSync(join(dir, left.raw), changed);
          const recovered = await recoverStream(dir);
          // The changed line itself may still parse, as its successor's `prev` is what no longer fits.
          const before = wholeLines(left.lengths, at);
          const good = (recovered?.end?.seq ?? -1) + 1;
          expect(good === before || good === before + 1).toBe(true);
          if (good > 0) readSealedStream(dir);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a damaged line that a signed head covers is never shipped as if it were whole', async () => {
    const left = await leaveOpen(10);
    const path = join(left.dir, left.raw);
    const text = readFileSync(path, 'utf8');
    const last = text.trimEnd().split('\n').at(-1) ?? '';
    writeFileSync(path, text.replace(last, last.replace('µµ', 'xx')));
    await recoverStream(left.dir);
    const { segments } = readSealedStream(left.dir);
    expect(segments[0]?.unsignedTail).toBeGreaterThan(0);
  });

  test('is the same when it is interrupted after sealing and done again', async () => {
    const left = await leaveOpen(10);
    const copy = readFileSync(join(left.dir, left.raw));
    const first = await recoverStream(left.dir);
    writeFileSync(join(left.dir, left.raw), copy);
    const second = await recoverStream(left.dir);
    expect(second?.end).toEqual(first?.end);
    expect(second?.sealed.map((segment) => segment.name)).toEqual(first?.sealed.map((segment) => segment.name));
    expect(readdirSync(left.dir).filter((file) => file.endsWith('.open.jsonl'))).toEqual([]);
  });

  test('ships lines whose signed heads a crash of the node took, signed by the head of the opening', async () => {
    const left = await leaveOpen(10);
    writeFileSync(join(left.dir, left.raw.replace('.open.jsonl', '.heads')), '');
    const recovered = await recoverStream(left.dir);
    expect(recovered).toMatchObject({ unsignable: false, unsignedTail: left.lengths.length - 1 });
    expect(readSealedStream(left.dir).records).toHaveLength(left.lengths.length);
  });

  test('ignores what a kill left of a signed head', async () => {
    const left = await leaveOpen(10);
    appendFileSync(join(left.dir, left.raw.replace('.open.jsonl', '.heads')), '{"seq":9,"hash":"ab');
    expect((await recoverStream(left.dir))?.end?.seq).toBe(left.lengths.length - 1);
  });

  test('names the open sessions with count, bounds and root', async () => {
    const left = await leaveOpen(5);
    const recovered = await recoverStream(left.dir);
    expect(recovered?.sessions).toMatchObject([{ count: 6, first: 1, last: 6 }]);
  });
});
