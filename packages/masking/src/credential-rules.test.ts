import { expect, test } from '@jest/globals';
import { isCredentialRule } from './credential-rules.ts';
import { createMasker } from './masker.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';

const rulesIn = (text: string): readonly boolean[] => {
  const result = createMasker({ keys: ['badge'] }, nodeCrypto).maskJson(text);
  return result.kind === 'masked' ? result.record.spans.map(({ rule }) => isCredentialRule(rule)) : [];
};

test('tokens and passwords are credentials; addresses, cards and a policy’s own keys are none', () => {
  expect(rulesIn('{"a":"ghp_16C7e42F292c6912E7710c838347Ae178B4a"}')).toEqual([true]);
  expect(rulesIn('{"password":"Kx81-quiet-Otter"}')).toEqual([true]);
  expect(rulesIn('{"a":"jane.doe@example.org"}')).toEqual([false]);
  expect(rulesIn('{"a":"4111 1111 1111 1111"}')).toEqual([false]);
  expect(rulesIn('{"badge":"Kx81quietOtter"}')).toEqual([false]);
  expect(isCredentialRule('recognized-person')).toBe(false);
});
