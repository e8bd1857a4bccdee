import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultJsonLimits, parseStrictJson } from './json.ts';
import { elementSpans } from './json-scan.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const reasonOf = (text: string): string => {
  const result = parseStrictJson(bytes(text));
  return result.kind === 'refused' ? result.reason : 'parsed';
};

/** Every UTF-16 unit as an escape. */
const escape = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

const object = (keys: number): string => `{${Array.from({ length: keys }, (_, at) => `"${at}":1`).join(',')}}`;

describe('strict JSON', () => {
  test('reads whatever JSON.stringify writes, to the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const result = parseStrictJson(bytes(text));
        // fast-check may build an object with one key twice only through `__proto__`, which JSON.parse keeps as a key.
        expect(result).toEqual({ kind: 'parsed', value: JSON.parse(text), text });
      }),
    );
  });

  test('refuses an object as soon as one of its keys comes twice, however it is written', () => {
    const key = fc.string({ unit: 'grapheme', maxLength: 8 });
    fc.assert(
      fc.property(key, fc.array(key, { maxLength: 12 }), fc.boolean(), (twice, others, escaped) => {
        const names = [twice, ...new Set(others.filter((name) => name !== twice))];
        const last = escaped ? `"${escape(twice)}"` : JSON.stringify(twice);
        const members = [...names.map((name) => JSON.stringify(name)), last].map((name) => `${name}:1`);
        expect(reasonOf(`[{"a":{${members.join(',')}}}]`)).toBe('duplicate_key');
      }),
    );
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (any) => expect(parseStrictJson(any)).toHaveProperty('kind')));
    const unit = fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', 'u', 'd', '8', '0', 'e', '-', 't');
    fc.assert(fc.property(fc.string({ unit }), (any) => expect(reasonOf(any)).not.toBe('')));
  });

  test.each([
    ['{"a":1,"a":2}', 'duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['{"x":[{"a":{},"b":1,"a":[]}]}', 'duplicate_key'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate_key'],
    ['{"a":{"a":1},"b":{"a":1}}', 'parsed'],
    ['{"a":"a","b":["a","a"]}', 'parsed'],
    ['{"a":"x\\"y","b":"\\\\"}', 'parsed'],
    ['\uFEFF{}', 'bom'],
    ['{"a":NaN}', 'invalid'],
    ['{"a":1,}', 'invalid'],
    ['{"a":"', 'invalid'],
    ['[}', 'invalid'],
    ['', 'invalid'],
    ['"\\ud83d\\ude00"', 'parsed'],
    ['"\\ud83d"', 'lone_surrogate'],
    ['"\\ude00\\ud83d"', 'lone_surrogate'],
    ['{"\\uD83Dx":1}', 'lone_surrogate'],
    ['"\\\\ud83d"', 'parsed'],
    ['['.repeat(128) + ']'.repeat(128), 'parsed'],
    ['['.repeat(129) + ']'.repeat(129), 'too_deep'],
    ['['.repeat(1_000_000), 'too_deep'],
  ])('%.40s: %s', (text, expected) => {
    expect(reasonOf(text)).toBe(expected);
  });

  test('counts keys over the whole text', () => {
    expect(parseStrictJson(bytes(object(20)), { ...defaultJsonLimits, maxKeys: 20 }).kind).toBe('parsed');
    expect(parseStrictJson(bytes(`[${object(10)},${object(11)}]`), { ...defaultJsonLimits, maxKeys: 20 })).toEqual({
      kind: 'refused',
      reason: 'too_many_keys',
    });
  });

  test('refuses what is not UTF-8', () => {
    expect(parseStrictJson(new Uint8Array([0x22, 0xff, 0x22]))).toEqual({ kind: 'refused', reason: 'not_utf8' });
  });

  test('stays linear in escapes and in long strings', () => {
    const text = JSON.stringify({ a: '\n'.repeat(2_000_000), b: 'x'.repeat(2_000_000) });
    expect(reasonOf(text)).toBe('parsed');
  });
});

describe('elements of an array', () => {
  test('are its texts, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom('', ' ', '\n\t'), (values, space) => {
        const text = `${space}[${values.map((value) => space + JSON.stringify(value) + space).join(',')}]${space}`;
        const texts = elementSpans(text)?.map(([start, end]) => text.slice(start, end));
        expect(texts?.map((one) => JSON.parse(one))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('are none where the text is no array', () => {
    expect(elementSpans('{"a":[1]}')).toBeUndefined();
  });
});
