import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePerson } from './parse-person.ts';

const settings = {
  issuer: 'https://idp.example',
  clientId: 'c',
  clientSecret: 's',
  scopes: ['openid'],
  subjectClaim: 'sub',
  groupsClaim: 'groups',
  groups: [],
  overage: 'refuse',
} as const;

describe('a person', () => {
  test('has what the claims say', () => {
    const claims = { sub: 'u1', name: 'Una', email: 'una@corp.example', preferred_username: 'una', groups: ['data'] };
    expect(parsePerson('https://idp.example', claims, settings)).toEqual({
      kind: 'person',
      person: {
        subject: 'u1',
        upstreamIssuer: 'https://idp.example',
        groups: ['data'],
        email: 'una@corp.example',
        preferredUsername: 'una',
        name: 'Una',
      },
    });
  });

  test('is the configured claim', () => {
    const outcome = parsePerson('i', { sub: 'u1', oid: 'o1' }, { ...settings, subjectClaim: 'oid' });
    expect(outcome).toMatchObject({ person: { subject: 'o1' } });
  });

  test('is not named by an unverified address, neither as name nor as subject', () => {
    const claims = { sub: 'u1', email: 'ceo@corp.example', email_verified: false };
    const outcome = parsePerson('i', claims, settings);
    expect(outcome).toEqual({ kind: 'person', person: { subject: 'u1', upstreamIssuer: 'i', groups: [] } });
    const byEmail = parsePerson('i', claims, { ...settings, subjectClaim: 'email' });
    expect(byEmail).toEqual({ kind: 'unusable', reason: 'subject' });
  });

  test.each([undefined, '', 7, {}, 'a\nb', 'a\u0000', '\ud800', 'x'.repeat(256)])(
    'is nobody with subject %j',
    (sub) => {
      expect(parsePerson('i', { sub }, settings)).toEqual({ kind: 'unusable', reason: 'subject' });
    },
  );

  test('of any claims is read without a throw', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), fc.string(), (claims, sub) => {
        expect(['person', 'unusable']).toContain(parsePerson('i', { ...claims, sub }, settings).kind);
      }),
    );
  });
});
