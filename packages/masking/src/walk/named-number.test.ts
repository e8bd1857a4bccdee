import { describe, expect, test } from '@jest/globals';
import { createMasker } from '../masker.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);

const before = '{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{';

function client(member: string): string {
  const text = `${before}${member}}}}`;
  const result = masker.maskJson(text);
  if (result.kind === 'clean') return member;
  return result.kind === 'masked' ? (result.client?.text ?? text).slice(before.length, -3) : result.reason;
}

describe('a member whose name says what its digits are', () => {
  test.each([
    ['"phone":"699 956 915"', '"phone":"[REDACTED:phone]"'],
    ['"customerPhone":"467 3395"', '"customerPhone":"[REDACTED:phone]"'],
    ['"ssn":"460899847"', '"ssn":"[REDACTED:us-ssn]"'],
    ['"card_no":"503802053770"', '"card_no":"[REDACTED:payment-card]"'],
    ['"cpf":"01234567890"', '"cpf":"[REDACTED:br-cpf]"'],
  ])('is masked: %s', (member, expected) => {
    expect(client(member)).toBe(expected);
  });

  test.each([
    '"phone_id":"12345671"',
    '"createdAt":"2024-03-12 10:11:12"',
    '"number":"123 456 789"',
    '"text":"90512183"',
    '"text":"467 3395"',
    '"message":"9498777106"',
    '"ssn":"000121234"',
  ])('is left alone: %s', (member) => {
    expect(client(member)).toBe(member);
  });
});
