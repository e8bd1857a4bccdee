import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Detector } from '../detectors/detector.ts';
import { createTextScanner } from '../scan/text-scanner.ts';
import { createStringReader, stringClean, stringInvalid, stringLook } from './json-string.ts';

function runFinder(trigger: 'digits' | 'blob', min: number): Detector {
  return {
    id: trigger,
    keywords: [],
    triggers: [trigger],
    verify: ({ from, to }) => (to - from >= min ? { rule: trigger, start: from, end: to } : undefined),
    isPlausible: (_text, from, to) => to - from >= min,
  };
}

const scanner = createTextScanner([runFinder('digits', 9), runFinder('blob', 24)]);
const reader = createStringReader(scanner);

/** Other spellings of the same text: every character may be an escape. */
const spelled = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...Array.from('0123456789aZ+/_=-\n\t"\\ .é'),
        'abcdefghijklmn',
        '12345678',
        'ABCDEFGHIJKLMNOPQRSTUVW',
      ),
      fc.boolean(),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.map(([text, isEscaped]) => (isEscaped ? escapeAll(text) : plainEscape(text))).join(''));

function escapeAll(text: string): string {
  return text.replaceAll(/[^]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function plainEscape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

describe('the look at a string that is still escaped', () => {
  test('passes no string over in which a run would be found, at any depth of JSON in strings', () => {
    fc.assert(
      fc.property(spelled, fc.nat(2), (content, depth) => {
        let text = content;
        for (let i = 0; i < depth; i += 1) text = JSON.stringify(`"${text}"`).slice(1, -1);
        const decoded = String(JSON.parse(`"${content}"`));
        const found = scanner.find(decoded, 0, decoded.length);
        const view = reader.read(`${text}"`, 0, false);
        expect(view).not.toBe(stringInvalid);
        expect(found.length > 0 && view !== stringLook).toBe(false);
        expect(reader.last.end).toBe(text.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('passes strings over that hold short runs only', () => {
    for (const text of [
      '12345678',
      'abc def 1234-5678',
      '\\n12345\\n',
      '2026-01-31T10:20',
      'abcdefghijk lmnopqrstuvwxyz',
      '',
    ]) {
      expect(reader.read(`${text}"`, 0, false)).toBe(stringClean);
    }
  });

  test('asks about a run behind an escape with and without what may be its end', () => {
    const asked: string[] = [];
    const asking: Detector = {
      ...runFinder('blob', 0),
      isPlausible: (text, from, to) => asked.push(text.slice(from, to)) === 0,
    };
    createStringReader(createTextScanner([asking])).read(`\\n${'a'.repeat(24)}"`, 0, false);
    expect(asked).toEqual([`n${'a'.repeat(24)}`, 'a'.repeat(24)]);
  });
});
