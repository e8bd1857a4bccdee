import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encryptDigits, loadCipher, type CreateCipher } from './encrypt-digits.ts';

const key = Uint8Array.from(Buffer.from('2B7E151628AED2A6ABF7158809CF4F3C', 'hex'));
let ff1: CreateCipher;

beforeAll(async () => {
  ff1 = await loadCipher();
});

test('is FF1 as NIST samples it, separators aside', () => {
  expect(encryptDigits(ff1, '0123456789', { key, tweak: '', keepsLead: false })).toBe('2433477484');
  expect(encryptDigits(ff1, '(012) 345-67.89', { key, tweak: '', keepsLead: false })).toBe('(243) 347-74.84');
});

test.each(['12345', '1234x6', '1'.repeat(37), 'secret', '१२३४५६७'])('leaves %s to others', (value) => {
  expect(encryptDigits(ff1, value, { key, tweak: '', keepsLead: false })).toBeUndefined();
});

test('numbers stay numbers of as many digits, and apart', () => {
  const number = fc.integer({ min: 100_000, max: 999_999_999 }).map(String);
  fc.assert(
    fc.property(number, number, (one, other) => {
      const [a, b] = [one, other].map((value) => encryptDigits(ff1, value, { key, tweak: 'x', keepsLead: true }));
      expect(a).toMatch(new RegExp(`^[1-9][0-9]{${one.length - 1}}$`));
      expect(a === b).toBe(one === other);
    }),
  );
});
