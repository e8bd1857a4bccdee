import { gzipSync, unzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMasker } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';
import { createRuleSet } from '../rule-set.ts';
import { createTextScanner } from '../scan/text-scanner.ts';
import { applyEdits } from '../walk/edit.ts';
import { findInText } from '../walk/find-in-text.ts';
import { createStringReader } from '../walk/json-string.ts';
import type { WalkTools } from '../walk/walk-tools.ts';
import { decodeCharacters } from './character-view.ts';
import { readQuotedCells } from './quoted-cells.ts';
import { findBlobs } from './text-blobs.ts';

const inflate = (bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined => {
  try {
    return unzipSync(bytes, { maxOutputLength });
  } catch {
    return undefined;
  }
};
const masker = createMasker({}, { ...nodeCrypto, inflate });

const toHtml = (text: string): string => text.replaceAll(/[&"<>]/g, (char) => `&#${char.charCodeAt(0)};`);
const toEscapes = (text: string): string =>
  text.replaceAll(/["{}:]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
const encodings = {
  json: (text: string): string => JSON.stringify({ text }),
  base64: (text: string): string => Buffer.from(text).toString('base64'),
  base64url: (text: string): string => Buffer.from(text).toString('base64url'),
  hex: (text: string): string => Buffer.from(text).toString('hex'),
  url: (text: string): string => encodeURIComponent(text),
  html: toHtml,
  escapes: toEscapes,
  gzip: (text: string): string => gzipSync(text).toString('base64'),
};
const encodingNames = fc.constantFrom(...Object.values(encodings));

const encodedPieces = [
  '%40',
  '%C3%A9',
  '%',
  '%4',
  '%zz',
  '&quot;',
  '&#x41;',
  '&#0;',
  '&',
  '\\u0041',
  '\\u{1F600}',
  '\\x41',
  '\\',
  '\\u00',
];
const foldedPieces = ['\u200b', '\uff21', '\u0430', '\ud83d\ude00', '\ud800'];
const plainPieces = [
  'a',
  '=',
  '+',
  'Bearer+',
  '"',
  '""',
  ',',
  '\n',
  '|',
  '{"',
  '}',
  '[',
  '-----BEGIN ',
  'password',
  ': ',
  'ghp_',
];
const blobPieces = ['H4sI', 'eJw', 'eyJhbGciOi', 'cGFzc3dvcmQ9aHVudGVyMg==', 'Pz8/'];
const pieces = fc.constantFrom(...encodedPieces, ...foldedPieces, ...plainPieces, ...blobPieces);
const texts = fc.array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 40 }).map((parts) => parts.join(''));

const rules = createRuleSet({});
const scanner = createTextScanner(rules.detectors);
const reader = createStringReader(scanner);

/** Tools that count the characters looked at, through all views. */
function createCountingTools(): { readonly tools: WalkTools; readonly looked: () => number } {
  let characters = 0;
  const tools: WalkTools = {
    keys: rules.keys,
    scanner,
    reader,
    inflate,
    findInText: (text, given, nesting) => {
      characters += text.length;
      return findInText(text, given, nesting);
    },
  };
  return { tools, looked: () => characters };
}

describe('views', () => {
  test('map every span of what they decoded to the characters that it stands for', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), (made, first, second) => {
        // A plus is a blank by what stands before it, which a span may leave out.
        const text = made.replaceAll('+', '-');
        const [view] = decodeCharacters(text);
        fc.pre(view !== undefined && view.text !== '');
        const [start, end] = [first % view.text.length, second % (view.text.length + 1)].toSorted((a, b) => a - b);
        fc.pre(start !== undefined && end !== undefined && start < end);
        const [from, to] = [view.map.toSourceStart(start), view.map.toSourceEnd(end)];
        const stretch = text.slice(from, to);
        expect(from).toBeLessThan(to);
        // The stretch reads as the span does, or as somewhat more: whole characters of the source.
        const span = view.text.slice(start, end);
        expect(decodeCharacters(`${stretch}%20`)[0]?.text).toContain(span);
        expect(view.map.isIdentical(start, end) ? stretch : span).toBe(span);
      }),
      { numRuns: 5000 },
    );
  });

  test('read quoted cells as they are, and put them back where they were', () => {
    fc.assert(
      fc.property(texts, (cell) => {
        const source = `id,note\n1,"${cell.replaceAll('"', '""')}"\n`;
        fc.pre(cell.split('"').length > 2);
        const [view] = readQuotedCells(source).filter(({ text }) => text === cell);
        expect(view?.map.toSourceStart(0)).toBe(11);
        expect(view?.map.toSourceEnd(cell.length)).toBe(source.length - 2);
      }),
    );
  });

  test('decode blobs to what was encoded, and never a character twice', () => {
    const words = fc.string({
      minLength: 24,
      maxLength: 60,
      unit: fc.constantFrom('a', 'b', ' ', '{', '"', ':', '1', 'é'),
    });
    fc.assert(
      fc.property(
        words,
        fc.constantFrom<BufferEncoding>('base64', 'base64url', 'hex'),
        texts,
        (text, encoding, around) => {
          const source = `${around}\n${Buffer.from(text).toString(encoding)}\n${around}`;
          const found = findBlobs(source, 0, source.length).texts;
          expect(found.map((blob) => blob.text)).toContain(text);
          let reached = 0;
          for (const { start, end } of found) {
            expect(start).toBeGreaterThanOrEqual(reached);
            reached = end;
          }
        },
      ),
    );
  });

  test('show a secret through any three encodings, and what is left of it cannot be decoded', () => {
    fc.assert(
      fc.property(fc.array(encodingNames, { maxLength: 3 }), (chain) => {
        const secret = 'Xk29fk3kdKq';
        const plain = JSON.stringify({ user: 'bob', password: secret, more: 'some words' });
        const encoded = chain.reduce((text, encode) => encode(text), plain);
        const result = masker.maskText(encoded);
        expect(result).toMatchObject({ kind: 'masked', client: { hits: 1 } });
        // Every encoding here is a function of its text, so what still held the secret would still hold this.
        expect(result).not.toMatchObject({ client: { text: encoded } });
      }),
    );
  });

  test('neither throw nor find anything in words, through any five encodings', () => {
    const words = fc.array(fc.constantFrom('some', 'words', 'and', 'café', '"', '\n', 'more'), { maxLength: 20 });
    fc.assert(
      fc.property(words, fc.array(encodingNames, { maxLength: 5 }), (parts, chain) => {
        const encoded = chain.reduce((text, encode) => encode(text), parts.join(' '));
        expect(masker.maskText(encoded)).toEqual({ kind: 'clean' });
      }),
    );
  });

  test('never throw, keep edits in order, and look at a bounded number of characters', () => {
    fc.assert(
      fc.property(texts, fc.nat(6), (text, repeats) => {
        const { tools, looked } = createCountingTools();
        const long = text.repeat(2 ** repeats);
        const edits = findInText(long, tools, 1);
        let reached = 0;
        for (const { start, end } of edits) {
          expect(start).toBeGreaterThanOrEqual(reached);
          expect(end).toBeLessThanOrEqual(long.length);
          reached = end;
        }
        expect(typeof applyEdits(long, edits)).toBe('string');
        expect(looked()).toBeLessThanOrEqual(long.length * 8);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    '%25',
    'Pz8/',
    '{"',
    '{[',
    '"[{\\',
    'a/',
    '&#',
    '\\',
    '\\u',
    '""',
    ',"',
    '="\\',
    'eyJw',
    'H4sI/',
    'password,a\n',
    'a\u200b',
  ])('look at no more than eight times the characters of many times %j', (unit) => {
    const { tools, looked } = createCountingTools();
    const text = unit.repeat(20_000);
    findInText(text, tools, 1);
    expect(looked()).toBeLessThanOrEqual(text.length * 8);
  });
});
