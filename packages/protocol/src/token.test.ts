import { describe, expect, test } from '@jest/globals';
import { personNames, tokenAlgorithms } from './token.ts';

describe('tokens', () => {
  test('are signed by keys of pairs only', () => {
    expect(tokenAlgorithms.filter((name) => !/^([RPE]S(256|384|512)|EdDSA|Ed25519)$/.test(name))).toEqual([]);
  });

  test('name a person by every claim that people have', () => {
    const claims = { email: 'a', preferred_username: 'b', upn: 'c', unique_name: 'd', oid: 'e' };
    expect(personNames({ ...claims, sub: 's', name: 'n' })).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('name nobody by what is empty, too long or no text', () => {
    expect(personNames({ email: '', upn: 'x'.repeat(513), oid: ['a'], unique_name: 7 })).toEqual([]);
    expect(personNames({ upn: 'x'.repeat(512) })).toHaveLength(1);
  });
});
