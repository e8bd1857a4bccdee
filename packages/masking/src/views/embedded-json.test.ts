import { describe, expect, test } from '@jest/globals';
import { createMasker, type MaskedText } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';
import { findJsonSpans } from './embedded-json.ts';

const masker = createMasker({}, nodeCrypto);
const spansOf = (text: string): readonly string[] =>
  findJsonSpans(text).map(({ start, end }) => text.slice(start, end));

function masked(text: string, point: 'client' | 'record' = 'client'): MaskedText | undefined {
  const result = masker.maskText(text);
  return result.kind === 'masked' ? result[point] : undefined;
}

describe('JSON in a text', () => {
  test('is found by its brackets, strings aside', () => {
    expect(spansOf('a {"b": "}"} c [{"d": [1]}] e {f} [1, 2]')).toEqual(['{"b": "}"}', '[{"d": [1]}]']);
  });

  test('is found behind JSON that was cut short', () => {
    expect(spansOf('{"a": {"b": 1\n{"c": 2}\n')).toEqual(['{"c": 2}']);
    expect(spansOf('{"a": "b\n{"c": 2}\n')).toEqual(['{"c": 2}']);
  });

  test('in lines is masked by its names, whatever the values', () => {
    expect(masked('{"id":1,"password":"ab"}\n{"id":2,"password":"c d"}\n')?.text).toBe(
      '{"id":1,"password":"[REDACTED:password]"}\n{"id":2,"password":"[REDACTED:password]"}\n',
    );
  });

  test('behind a log prefix is masked by its names, also as an escaped string', () => {
    const line = '2026-11-21T12:00:00Z INFO msg={"password":"ab","n":[1]} done';
    expect(masked(line)?.text).toBe(line.replace('"ab"', '"[REDACTED:password]"'));
    const escaped = String.raw`12:00:00 body="{\"password\":\"ab\"}"`;
    expect(masked(escaped)?.text).toBe(escaped.replace(String.raw`\"ab\"`, String.raw`\"[REDACTED:password]\"`));
  });

  test('in a program or a document is masked for the record only where the value looks like none', () => {
    const code = 'post(url, \'{"password": "ab"}\');';
    expect(masked(code, 'client')).toBeUndefined();
    expect(masked(code, 'record')?.text).not.toContain('ab"');
  });
});
