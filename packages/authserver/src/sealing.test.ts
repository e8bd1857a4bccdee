import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { assert, nat, property, string } from 'fast-check';
import { openText, sealText } from './sealing.ts';

const key = randomBytes(32);
const older = randomBytes(32);

test('any text opens under its key and context, and under no other', () => {
  assert(
    property(string({ unit: 'grapheme' }), string(), string(), (text, context, other) => {
      const sealed = sealText([key], context, text);
      expect(openText([older, key], context, sealed)).toBe(text);
      expect(openText([older], context, sealed)).toBeUndefined();
      expect(openText([key], `${context}${other}!`, sealed)).toBeUndefined();
    }),
  );
});

test('no altered byte opens', () => {
  const sealed = Buffer.from(sealText([key], 'c', 'text'), 'base64url');
  assert(
    property(nat(sealed.length - 1), nat(254), (at, by) => {
      const altered = Buffer.from(sealed);
      altered[at] = ((altered[at] ?? 0) + by + 1) % 256;
      expect(openText([key], 'c', altered.toString('base64url'))).toBeUndefined();
    }),
  );
});

test('no other text opens, and nothing throws', () => {
  assert(property(string(), (text) => expect(openText([key], '', text)).toBeUndefined()));
});

test('the same text is sealed differently each time', () => {
  expect(sealText([key], 'c', 'text')).not.toBe(sealText([key], 'c', 'text'));
});
