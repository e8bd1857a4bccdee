import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeController } from '../record/testing/fake-controller.test-support.ts';
import { verifyStatement, verifyTrust } from './verify-statement.ts';

describe('what the network brings', () => {
  test('never throws, and is believed only as it was signed', () => {
    const controller = new FakeController();
    const signed = controller.statement('jwks', { v: 1 }, controller.bundleKey);
    const key = controller.bundleKey.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    expect(verifyStatement(JSON.stringify(signed), 'jwks', [key])).toEqual({ kind: 'ok', value: '{"v":1}' });
    expect(verifyStatement(JSON.stringify(signed), 'bundle', [key])).toEqual({ kind: 'refused', reason: 'wrong_type' });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.record(signedFields(signed)).map((one) => JSON.stringify(one)),
        ),
        (text) => {
          const verified = verifyStatement(text, 'jwks', [key, 'not base64', '']);
          expect(verified.kind === 'refused' || text === JSON.stringify(signed)).toBe(true);
          expect(verifyTrust(text, controller.fingerprint, 0).kind).toBe('refused');
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Each field as signed, or anything else. */
function signedFields<T extends object>(signed: T): Record<string, fc.Arbitrary<unknown>> {
  const entries = Object.entries(signed).map(([name, value]) => [
    name,
    fc.oneof(fc.constant(value), fc.string(), fc.constant(null)),
  ]);
  return Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>;
}
