import { expect, test } from '@jest/globals';
import { CRC32C } from '@google-cloud/storage';
import fc from 'fast-check';
import { toCrc32c } from './crc32c.ts';

test('is that of RFC 3720’s example, and of nothing', () => {
  expect(toCrc32c(new Uint8Array(32))).toBe(Buffer.from('8a9136aa', 'hex').toString('base64'));
  expect(toCrc32c(new Uint8Array())).toBe('AAAAAA==');
});

test('is that of the client library, for bytes of any length and place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 9 }), (bytes, skip) => {
      const part = bytes.subarray(Math.min(skip, bytes.length));
      const theirs = new CRC32C();
      theirs.update(Buffer.from(part));
      expect(toCrc32c(part)).toBe(theirs.toString());
    }),
  );
});
