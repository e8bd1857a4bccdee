import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTextScanner } from '../scan/text-scanner.ts';
import { isBrCnpj, isBrCpf } from './br-numbers.ts';
import { hasLuhnDigit, hasMod1110Digit, hasVerhoeffDigit, mod97 } from './checksums.ts';
import { createPersonalDetectors } from './detectors.ts';
import { hasBsnChecksum, hasPeselCheckDigit } from './eu-numbers.ts';
import { ibanLength, isIban } from './iban.ts';
import { isIpv4, isIpv6 } from './ip-address.ts';
import { isPaymentCard } from './payment-card.ts';
import { hasAbaChecksum, hasNpiCheckDigit } from './us-numbers.ts';
import { isUkNhs } from './uk-numbers.ts';

const digitsOf = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((each) => each.join(''));

const lastDigits: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

interface Scheme {
  readonly name: string;
  readonly length: number;
  readonly isValid: (number: string) => boolean;
}

/** Each of these catches every single wrong digit. */
const schemes: readonly Scheme[] = [
  { name: 'Luhn', length: 16, isValid: hasLuhnDigit },
  { name: 'Verhoeff', length: 12, isValid: hasVerhoeffDigit },
  { name: 'MOD 11,10', length: 11, isValid: hasMod1110Digit },
  { name: 'ABA', length: 9, isValid: hasAbaChecksum },
  { name: 'NPI', length: 10, isValid: hasNpiCheckDigit },
  { name: 'NHS', length: 10, isValid: isUkNhs },
  { name: 'PESEL', length: 11, isValid: hasPeselCheckDigit },
  { name: 'BSN', length: 9, isValid: hasBsnChecksum },
];

describe.each(schemes)('$name', ({ length, isValid }) => {
  test('has at most one right last digit, and no wrong digit goes unnoticed', () => {
    fc.assert(
      fc.property(digitsOf(length - 1), fc.nat(length - 2), fc.integer({ min: 1, max: 9 }), (body, at, shift) => {
        const right = lastDigits.filter((last) => isValid(body + last));
        expect(right.length).toBeLessThanOrEqual(1);
        const wrong = (Number(body.charAt(at)) + shift) % 10;
        const other = body.slice(0, at) + String(wrong) + body.slice(at + 1);
        for (const last of right) expect(isValid(other + last)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

function lengthOf(start: string): number {
  if (start === '36') return 14;
  return start === '34' || start === '37' ? 15 : 16;
}

test('a generated card of every network is accepted', () => {
  const starts = ['4', '51', '2221', '34', '37', '6011', '36', '3528', '5019', '2200', '9792', '62'];
  fc.assert(
    fc.property(fc.constantFrom(...starts), digitsOf(15), (start, filler) => {
      const body = (start + filler).slice(0, lengthOf(start) - 1);
      const right = lastDigits.filter((last) => isPaymentCard(body + last));
      expect(right).toHaveLength(1);
    }),
  );
});

test('a generated IBAN is accepted, and with one wrong digit refused', () => {
  fc.assert(
    fc.property(fc.constantFrom('DE', 'ES', 'PL', 'AT', 'SE'), digitsOf(24), fc.nat(11), (country, filler, at) => {
      const bban = filler.slice(0, (ibanLength(country) ?? 0) - 4);
      const check = String(98 - mod97(`${bban}${country}00`)).padStart(2, '0');
      const iban = country + check + bban;
      expect(isIban(iban)).toBe(true);
      const index = 4 + at;
      const wrong = iban.slice(0, index) + String((Number(iban.charAt(index)) + 1) % 10) + iban.slice(index + 1);
      expect(isIban(wrong)).toBe(false);
    }),
  );
});

test('CPF and CNPJ have one right pair of check digits', () => {
  const pairs = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));
  fc.assert(
    fc.property(digitsOf(9), digitsOf(12), (cpf, cnpj) => {
      fc.pre(!/^(\d)\1*$/.test(cpf) && !/^(\d)\1*$/.test(cnpj));
      expect(pairs.filter((pair) => isBrCpf(cpf + pair))).toHaveLength(1);
      expect(pairs.filter((pair) => isBrCnpj(cnpj + pair))).toHaveLength(1);
    }),
    { numRuns: 100 },
  );
});

test('every generated address is an address', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => expect(isIpv4(address)).toBe(true)));
  fc.assert(fc.property(fc.ipV6(), (address) => expect(isIpv6(address)).toBe(true)));
});

const scanner = createTextScanner(createPersonalDetectors(new Set()));
/** Text made of what the detectors look for. */
const pieces = fc.constantFrom(
  ...'phone|call me at|ssn|iban|card|@|::|:1|.1|+1|(|)|-| |.|/|\n|x|é|0|00|41|4111|123456|GB29|nwbk|192.168'.split('|'),
  ...'fe80|a@b.de|\ud83d|\u0661|[REDACTED:phone]'.split('|'),
);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(pieces, { maxLength: 40 }).map((each) => each.join('')),
);

test('no text makes a detector throw, and findings lie within it, in order', () => {
  fc.assert(
    fc.property(texts, (text) => {
      let last = 0;
      for (const { start, end } of scanner.find(text, 0, text.length)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 3000 },
  );
});

test('what lies outside of the searched part changes nothing', () => {
  fc.assert(
    fc.property(texts, fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (text, before, after) => {
      const inside = scanner.find(before + text + after, before.length, before.length + text.length);
      const alone = scanner.find(text, 0, text.length);
      expect(inside.map(({ start, end }) => [start - before.length, end - before.length])).toEqual(
        alone.map(({ start, end }) => [start, end]),
      );
    }),
    { numRuns: 3000 },
  );
});

function mask(text: string): string {
  return scanner
    .find(text, 0, text.length)
    .filter(({ weak }) => weak !== true)
    .toReversed()
    .reduce((masked, { rule, start, end }) => `${masked.slice(0, start)}[REDACTED:${rule}]${masked.slice(end)}`, text);
}

test('masking masked text finds nothing more', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = mask(text);
      expect(mask(once)).toBe(once);
    }),
    { numRuns: 3000 },
  );
});

test('a number does not swallow what stands between its word and itself', () => {
  const text = '"tel": null, "password": "correct horse", "n": 6991234567, phone or mail a@b.de, 123 456 789';
  expect(scanner.find(text, 0, text.length).map(({ rule }) => rule)).toEqual(['email']);
});
