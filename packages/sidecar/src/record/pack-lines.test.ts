import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { packLines } from './pack-lines.ts';

function write(lines: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'tachograph-pack-'));
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const path = join(dir, 'lines');
  writeFileSync(path, bytes);
  return { bytes, path, to: join(dir, 'packed') };
}

/** Short lines between ones that are longer than a piece, so that pieces are of every length. */
const mixed = Array.from(
  { length: 40 },
  (_, i) => `${i} ${'äb'.repeat(i % 7 === 3 ? 400_000 : i % 3 === 0 ? 60_000 : i)}`,
);

describe('packing lines', () => {
  test.each([
    ['no line', []],
    ['one line', ['x']],
    ['lines of every length', mixed],
    [
      'lines that do not compress',
      Array.from({ length: 5000 }, (_, i) => createHash('sha512').update(`${i}`).digest('hex')),
    ],
  ])('keeps every byte of %s', async (_name, lines) => {
    const { bytes, path, to } = write(lines);
    const seen: Buffer[] = [];
    const packed = await packLines({ path, length: bytes.length }, to, (piece) => void seen.push(Buffer.from(piece)));
    const file = readFileSync(to);
    expect(gunzipSync(file).equals(bytes)).toBe(true);
    expect(Buffer.concat(seen).equals(bytes)).toBe(true);
    expect(seen.every((piece) => piece.at(-1) === 0x0a)).toBe(true);
    expect(packed).toEqual({ sha256: createHash('sha256').update(file).digest('hex'), packedBytes: file.length });
  });

  test('gives the bytes of one compression of all, so that its pieces do not show', async () => {
    const { bytes, path, to } = write(mixed);
    await packLines({ path, length: bytes.length }, to, () => undefined);
    expect(readFileSync(to).equals(gzipSync(bytes, { level: 1, memLevel: 9 }))).toBe(true);
  });

  test('leaves out what stands behind the given length', async () => {
    const { path, to } = write(['one', 'two', 'three']);
    await packLines({ path, length: 8 }, to, () => undefined);
    expect(gunzipSync(readFileSync(to)).toString()).toBe('one\ntwo\n');
  });

  test('rejects when the file is shorter than expected', async () => {
    const { bytes, path, to } = write(mixed);
    const packing = packLines({ path, length: bytes.length + 1 }, to, () => undefined);
    await expect(packing).rejects.toThrow(`segment file of ${bytes.length} bytes, expected ${bytes.length + 1}`);
  });

  test('rejects when the target takes no bytes', async () => {
    const { bytes, path } = write(mixed);
    await expect(packLines({ path, length: bytes.length }, '/dev/full', () => undefined)).rejects.toMatchObject({
      code: 'ENOSPC',
    });
  });
});
