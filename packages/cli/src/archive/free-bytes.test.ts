import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { freeBytes } from './free-bytes.ts';
import { nodeGunzip } from './node-gunzip.ts';

describe('freeBytes', () => {
  test('leaves a slice of a shared buffer alone', () => {
    const whole = new Uint8Array(64 * 1024).fill(7);
    freeBytes(whole.subarray(0, 8192));
    expect(whole[0]).toBe(7);
  });

  test('empties bytes that have a buffer of their own', () => {
    const bytes = new Uint8Array(8192).fill(7);
    freeBytes(bytes);
    expect(bytes.length).toBe(0);
  });

  test('unpacked bytes are whole until they are released', async () => {
    const { bytes, complete, release } = await nodeGunzip(gzipSync(Buffer.alloc(100_000, 'line\n')), 1_000_000);
    expect([complete, bytes.length, bytes.at(-1)]).toEqual([true, 100_000, 0x0a]);
    release?.();
    expect(bytes.length).toBe(0);
  });
});
