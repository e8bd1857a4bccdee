import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMasker } from './index.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';
import { messageTrees } from './message-trees.test-support.ts';

const masker = createMasker({}, nodeCrypto);
const secrets = [
  'hunter2secret9',
  'AKIAQ3EGV7XKLMN2PRSW',
  `ghp_${'a1B2'.repeat(9)}`,
  'p@ss w0rd',
  'tricky"\\\n\u00e9é]{}',
];
const json = fc.jsonValue({ stringUnit: 'binary' });
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.values(value).map(shapeOf);
}

function maskedOr(text: string): string {
  const result = masker.maskJson(text);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result.kind === 'masked' ? result.record.text : text;
}

describe('masking', () => {
  test('accepts exactly what JSON.parse accepts', () => {
    const damaged = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, seed, insert]) => {
      const at = seed % (text.length + 1);
      return text.slice(0, at) + insert + text.slice(at + (seed % 3));
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.json()), (text) => {
        expect(masker.maskJson(text).kind !== 'refused').toBe(parses(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('leaves JSON without a keyword alone', () => {
    fc.assert(
      fc.property(json, (value) => {
        // Thirteen digits by chance may be the number of a card.
        fc.pre(!/pass|pw|psk|jwt|secret|token|cookie|auth|credential|key|:\/\/|eyj|\d{9}/i.test(JSON.stringify(value)));
        expect(masker.maskJson(JSON.stringify(value, null, 1))).toEqual({ kind: 'clean' });
      }),
    );
  });

  test('gives valid JSON of the same structure and types', () => {
    fc.assert(
      fc.property(messageTrees, (value) => {
        const text = JSON.stringify(value);
        expect(shapeOf(JSON.parse(maskedOr(text)))).toEqual(shapeOf(JSON.parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(messageTrees, (value) => {
        expect(masker.maskJson(maskedOr(JSON.stringify(value)))).toEqual({ kind: 'clean' });
      }),
      { numRuns: 3000 },
    );
  });

  test('changes nothing the second time, whichever three of these stand together', () => {
    const signs = ['=', ' = ', '"', "'", ' ', '\n', ',', '(', ')', '--', '\\', '<'];
    const words = ['password', 'token', 'os.environ', 'word', 'Bearer '];
    const personal = ['bob@acme-widgets.org', '93.184.216.34', '4111 1111 1111 1111', '+1 415 555 2671', '123456789'];
    const parts = [...signs, ...words, ...personal, ...secrets.slice(0, 3)];
    const texts = parts.flatMap((first) => parts.flatMap((second) => parts.map((third) => first + second + third)));
    const changed = texts.filter((text) => masker.maskJson(maskedOr(JSON.stringify(text))).kind !== 'clean');
    expect(changed).toEqual([]);
  });

  test('lets no planted secret through, plain, escaped or as JSON in strings', () => {
    const planted = fc.record({
      secret: fc.constantFrom(...secrets),
      key: fc.constantFrom('password', 'db_token', 'clientSecret', 'X-Api-Key', 'cookie'),
      depth: fc.nat(4),
      // `PW:` by chance names what follows it.
      pad: fc.string().filter((text) => masker.maskJson(JSON.stringify({ pad: text })).kind === 'clean'),
      escape: fc.boolean(),
    });
    fc.assert(
      fc.property(planted, ({ secret, key, depth, pad, escape }) => {
        let text = JSON.stringify({ pad, list: [{ [key]: secret }], more: pad });
        for (let i = 0; i < depth; i += 1) text = JSON.stringify({ pad, text });
        if (escape) text = text.replaceAll(/[a-z](?=[^\\]*")/g, toEscape);
        let decoded: unknown = JSON.parse(maskedOr(text));
        for (let i = 0; i < depth; i += 1) decoded = JSON.parse((decoded as { text: string }).text);
        expect(decoded).toEqual({ pad, list: [{ [key]: expect.stringMatching(/^\[REDACTED:[a-z-]+\]$/) }], more: pad });
      }),
      { numRuns: 500 },
    );
  });

  test('keeps numbers and member order to the letter', () => {
    const numbers = fc.array(fc.constantFrom('1.0', '1E5', '-0', '12345678901234567890', '0.10'), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (list) => {
        const members = list.map((number, index) => `"${10 - index}": ${number}`).join(' ,');
        const text = `{ ${members}, "password" : "x" }`;
        expect(maskedOr(text)).toBe(text.replace('"x"', '"[REDACTED:password]"'));
      }),
    );
  });
});

/** Only letters outside escapes may be escaped again. */
function toEscape(char: string, offset: number, whole: string): string {
  return whole.charAt(offset - 1) === '\\' || /\\u[0-9a-f]{0,3}$/.test(whole.slice(Math.max(0, offset - 5), offset))
    ? char
    : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
