import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { endInSlices } from './end-in-slices.ts';

describe('a long body', () => {
  test('leaves whole and in order, in slices of half a megabyte', async () => {
    for (const length of [0, 1, 512 * 1024, 512 * 1024 + 1, 3 * 1024 * 1024]) {
      const body = randomBytes(length);
      const sent: number[] = [];
      const through = new PassThrough({
        transform(chunk: Buffer, _, done) {
          sent.push(chunk.length);
          done(null, chunk);
        },
      });
      endInSlices(through, body);
      expect((await buffer(through)).equals(body)).toBe(true);
      expect(Math.max(0, ...sent)).toBeLessThanOrEqual(512 * 1024);
    }
  });

  test('lets other work have its turn between two slices', async () => {
    const order: string[] = [];
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        order.push('slice');
        setImmediate(() => order.push('other'));
        done();
      },
    });
    endInSlices(stream, Buffer.alloc(1024 * 1024));
    await new Promise((resolve) => stream.once('finish', resolve));
    expect(order.slice(0, 3)).toEqual(['slice', 'other', 'slice']);
  });

  test('stops where the reader has left', async () => {
    let slices = 0;
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        slices += 1;
        done();
        stream.destroy();
      },
    });
    endInSlices(stream, Buffer.alloc(4 * 1024 * 1024));
    await new Promise((resolve) => stream.once('close', resolve));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(slices).toBe(1);
  });
});
