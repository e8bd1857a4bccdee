import { describe, expect, test } from '@jest/globals';
import type { PolicyObject } from './check-policy.ts';
import { compilePolicies } from './compile-policies.ts';
import { mergeMasking } from './merge-masking.ts';

const tax = { id: 'tax', keywords: ['tax'], pattern: 'T[0-9]{4}' };

describe('masking of several policies', () => {
  test('adds up what masks more', () => {
    const merged = mergeMasking([
      { keys: ['pin'], patterns: [tax], rules: [{ path: '$.a', transform: 'drop' }], blobs: 'allow' },
      { keys: ['pin', 'puk'], patterns: [{ ...tax }], rules: [{ path: '$.b', transform: 'token' }], blobs: 'drop' },
      { points: { client: 'recall' } },
    ]);
    expect(merged).toEqual({
      keys: ['pin', 'puk'],
      patterns: [tax],
      rules: [
        { path: '$.a', transform: 'drop' },
        { path: '$.b', transform: 'token' },
      ],
      points: { client: 'recall' },
      blobs: 'drop',
    });
  });

  test('keeps what masks less only where all that have the field say it', () => {
    const merged = mergeMasking([
      {
        off: ['jwt', 'cookie'],
        allow: [{ value: 'x', rule: 'email' }, { value: 'y' }],
        rules: [{ path: '$.a', transform: 'keep' }],
        points: { record: 'balanced' },
      },
      {
        off: ['jwt'],
        allow: [{ rule: 'email', value: 'x' }],
        rules: [{ path: '$.b', transform: 'redact' }],
        points: { record: 'recall' },
      },
      {},
    ]);
    expect(merged).toEqual({
      off: ['jwt'],
      allow: [{ value: 'x', rule: 'email' }],
      rules: [{ path: '$.b', transform: 'redact' }],
      points: { record: 'recall' },
    });
  });

  test('takes the strictest transform, and a default for what is not named', () => {
    const merged = mergeMasking([
      { transforms: { email: 'partial', phone: 'fpe' } },
      { transforms: { default: 'redact', phone: 'token' } },
      { transforms: { 'payment-card': 'fpe' } },
    ]);
    expect(merged.transforms).toEqual({ email: 'redact', phone: 'token', default: 'redact', 'payment-card': 'redact' });
  });

  test('refuses two recognizers, and merges two of the same', () => {
    const target = { namespace: 'n', workload: 'w' };
    expect(compilePolicies([recognizedBy('a', 'http://p'), recognizedBy('b', 'http://p')], target)).toMatchObject({
      parts: { masking: { recognizer: { url: 'http://p' } } },
    });
    expect(compilePolicies([recognizedBy('a', 'http://p'), recognizedBy('b', 'http://q')], target)).toMatchObject({
      kind: 'refused',
      errors: [{ policy: 'n/a', path: 'spec.masking.recognizer' }, { policy: 'n/b' }],
    });
  });

  test('refuses unknown fields with their path', () => {
    const spec = { masking: { rules: [{ path: '$.a', transform: 'keep', tol: 'x' }], points: { clients: 'recall' } } };
    const refused = compilePolicies([{ name: 'a', namespace: 'n', spec }], { namespace: 'n', workload: 'w' });
    expect(refused).toMatchObject({
      errors: [
        { path: 'spec.masking.rules[0].tol', message: 'unknown field' },
        { path: 'spec.masking.points.clients', message: 'unknown field' },
      ],
    });
  });
});

function recognizedBy(name: string, url: string): PolicyObject {
  return { name, namespace: 'n', spec: { masking: { recognizer: { url } } } };
}
