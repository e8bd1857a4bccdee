import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createKeyedDigest, createKeyedDigestInTurns } from './keyed-digest.ts';

describe('keyed digest', () => {
  test('is HMAC-SHA-256 for any key and message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
        expect(createKeyedDigest(key)(message)).toBe(createHmac('sha256', key).update(message).digest('hex'));
      }),
    );
  });

  test('does not mix messages of different lengths', () => {
    const key = randomBytes(32);
    const digest = createKeyedDigest(key);
    for (const message of ['x'.repeat(200_000), 'ü', '', 'x'.repeat(16_384), 'x'.repeat(16_385), 'short']) {
      expect(digest(message)).toBe(createHmac('sha256', key).update(message).digest('hex'));
    }
  });

  test('is the same in turns, also of several messages at once', async () => {
    const key = randomBytes(32);
    const digest = createKeyedDigestInTurns(key);
    const messages = [0, 10, 262_144, 262_145, 700_000].map((length) => randomBytes(length));
    const expected = messages.map((message) => createHmac('sha256', key).update(message).digest('hex'));
    expect(await Promise.all(messages.map(async (message) => digest(message)))).toEqual(expected);
  });
});
