import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskLimits } from '../limits.ts';
import { runEnd, toCharSet } from '../detectors/char-set.ts';
import type { Detector, Finding } from '../detectors/detector.ts';
import { createTextScanner } from './text-scanner.ts';

const any = toCharSet('a-z', ' ');

function detectorOf(parts: Partial<Detector>): Detector {
  return { id: 'planted', keywords: [], verify: () => undefined, isPlausible: () => true, ...parts };
}

/** Finds each keyword or run itself. */
function finderOf(rule: string, parts: Partial<Detector>): Detector {
  return detectorOf({ verify: ({ from, to }) => ({ rule, start: from, end: to }), ...parts });
}

function find(detectors: readonly Detector[], text: string): readonly string[] {
  return createTextScanner(detectors)
    .find(text, 0, text.length)
    .map(({ rule, start, end, weak }) => `${rule}${weak === true ? '?' : ''} ${text.slice(start, end)}`);
}

describe('class triggers', () => {
  const mixed = fc
    .array(fc.constantFrom('1', '23', '4567', 'a', 'A1', '-', ' ', 'é', '/', 'pin', 'abcdefghij', '+', '\n'))
    .map((parts) => parts.join(''));

  test('every run of four digits or more is asked about, once, whole', () => {
    fc.assert(
      fc.property(mixed, (text) => {
        const digits = finderOf('d', { triggers: ['digits'] });
        expect(find([digits], text)).toEqual([...text.matchAll(/\d{4,}/g)].map(([run]) => `d ${run}`));
      }),
      { numRuns: 1000 },
    );
  });

  test('keywords of digits and letters do not disturb the count', () => {
    fc.assert(
      fc.property(mixed, fc.uniqueArray(fc.constantFrom('1a', '234', 'a1', '4567a', 'pin', '7')), (text, keywords) => {
        const asked: string[] = [];
        const digits = detectorOf({
          keywords: [],
          triggers: ['digits'],
          verify: (match) => void asked.push(match.text.slice(match.from, match.to)),
        });
        createTextScanner([detectorOf({ keywords }), digits]).find(text, 0, text.length);
        expect(asked).toEqual([...text.matchAll(/\d{4,}/g)].map(([run]) => run));
      }),
      { numRuns: 1000 },
    );
  });

  test('every run of twenty blob characters or more is asked about, once, whole', () => {
    fc.assert(
      fc.property(mixed, (text) => {
        const blobs = finderOf('b', { triggers: ['blob'] });
        expect(find([blobs], text)).toEqual([...text.matchAll(/[A-Za-z0-9+/_=-]{20,}/g)].map(([run]) => `b ${run}`));
      }),
      { numRuns: 1000 },
    );
  });

  test('a keyword in a blob is asked first, and the rest of the blob after it', () => {
    const key = finderOf('k', { keywords: ['key='] });
    const blob = finderOf('b', { triggers: ['blob'] });
    const rest = 'abcdefghijklmnopqrst';
    expect(find([blob, key], `key=${rest} key=abc`)).toEqual(['k key=', `b ${rest}`, 'k key=']);
  });

  test('what is left of a run of digits is looked at as it will stand behind a mask', () => {
    const pin = detectorOf({
      keywords: ['pin'],
      verify: ({ from, to }) => ({ rule: 'pin', start: from, end: to + 2 }),
    });
    expect(find([pin, finderOf('d', { triggers: ['digits'] })], 'pin12345678 2345')).toEqual([
      'pin pin12',
      'd 345678',
      'd 2345',
    ]);
  });
});

describe('weak findings', () => {
  const spans = fc.array(fc.record({ at: fc.nat(40), length: fc.integer({ min: 1, max: 9 }), weak: fc.boolean() }));

  test('a weak finding gives way to one that overlaps it, wherever that is found', () => {
    const early = finderOf('weak', {
      keywords: ['ab'],
      verify: ({ from }) => ({ rule: 'weak', start: from, end: from + 5, weak: true }),
    });
    const late = finderOf('strong', { keywords: ['cde'] });
    expect(find([early, late], 'abcdefg abxxxxx')).toEqual(['strong cde', 'weak? abxxx']);
  });

  test('another detector of the same keyword is asked behind a weak finding', () => {
    const weak = finderOf('w', {
      keywords: ['key'],
      verify: ({ from, to }) => ({ rule: 'w', start: from, end: to, weak: true }),
    });
    expect(find([weak, finderOf('s', { keywords: ['key'] })], 'a key')).toEqual(['s key']);
  });

  test('findings come in order and apart, and no strong one is lost to a weak one', () => {
    fc.assert(
      fc.property(spans, (planted) => {
        const byPlace = new Map(planted.map((span) => [span.at, span]));
        const verify: Detector['verify'] = ({ from, end }) => {
          const span = byPlace.get(from);
          if (span === undefined) return undefined;
          const finding: Finding = { rule: 'r', start: from, end: Math.min(end, from + span.length) };
          return span.weak ? { ...finding, weak: true } : finding;
        };
        const text = 'x'.repeat(50);
        const all = createTextScanner([detectorOf({ keywords: ['x'], verify })]).find(text, 0, 50);
        const strong = createTextScanner([
          detectorOf({ keywords: ['x'], verify: (match) => toStrong(verify(match)) }),
        ]).find(text, 0, 50);
        expect(all.filter(({ weak }) => weak !== true)).toEqual(strong);
        all.slice(1).forEach(({ start }, index) => expect(start).toBeGreaterThanOrEqual(all[index]?.end ?? 0));
      }),
      { numRuns: 1000 },
    );
  });
});

function toStrong(finding: Finding | undefined): Finding | undefined {
  return finding?.weak === true ? undefined : finding;
}

describe('work budget', () => {
  /** Reads to the end of the leaf at each keyword and finds nothing: quadratic. */
  const greedy = detectorOf({
    keywords: ['a'],
    verify: ({ text, to, end }) => {
      runEnd(any, text, to, end);
      return undefined;
    },
  });

  test('a leaf whose verifiers read too much is masked as a whole', () => {
    const text = 'a'.repeat(4000);
    expect(createTextScanner([greedy]).find(text, 10, 3990)).toEqual([
      { rule: 'budget-exceeded', start: 10, end: 3990 },
    ]);
  });

  test('what was read is bounded though the detector is quadratic', () => {
    let calls = 0;
    const counting = {
      ...greedy,
      verify: (match: Parameters<Detector['verify']>[0]) => ((calls += 1), greedy.verify(match)),
    };
    const length = 20_000;
    createTextScanner([counting]).find('a'.repeat(length), 0, length);
    expect(calls).toBeLessThan((maskLimits.workPerChar * length + maskLimits.workPerLeaf) / (length / 2));
  });

  test('each leaf has a budget of its own', () => {
    const scanner = createTextScanner([greedy]);
    for (let i = 0; i < 100; i += 1) expect(scanner.find('a'.repeat(100), 0, 100)).toEqual([]);
  });

  test('what a detector throws comes out', () => {
    const broken = detectorOf({
      keywords: ['a'],
      verify: () => {
        throw new Error('planted');
      },
    });
    expect(() => createTextScanner([broken]).find('an a', 0, 4)).toThrow('planted');
  });
});

/** Finds the value somewhere behind the keyword. */
function after(keyword: string, value: string): Detector {
  const verify: Detector['verify'] = ({ text, to, end }) => {
    const start = text.indexOf(value, to);
    return start < 0 || start + value.length > end ? undefined : { rule: keyword, start, end: start + value.length };
  };
  return detectorOf({ keywords: [keyword], verify });
}

describe('a finding that begins behind its keyword', () => {
  test('lets others find what stands before it, in order and without overlap', () => {
    const detectors = [after('name', 'VALUE'), finderOf('pin', { keywords: ['pin'] }), after('user', 'bob')];
    expect(find(detectors, 'name pin user bob VALUE pin')).toEqual(['pin pin', 'user bob', 'name VALUE', 'pin pin']);
    expect(find(detectors, 'name user VALUE bob')).toEqual(['name VALUE']);
    expect(find([...detectors, finderOf('long', { triggers: ['blob'] })], `name ${'x'.repeat(30)} VALUE`)).toEqual([
      `long ${'x'.repeat(30)}`,
      'name VALUE',
    ]);
  });

  test('never lets a character be masked twice, nor one that was found be lost', () => {
    const parts = fc.constantFrom('name ', 'user ', 'VALUE', 'bob', 'pin', ' ', '1234', 'x'.repeat(21));
    const detectors = [
      after('name', 'VALUE'),
      after('user', 'bob'),
      finderOf('pin', { keywords: ['pin'] }),
      finderOf('digits', { triggers: ['digits'] }),
      finderOf('blob', { triggers: ['blob'] }),
    ];
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (some) => {
        const text = some.join('');
        const found = createTextScanner(detectors).find(text, 0, text.length);
        found.slice(1).forEach(({ start }, index) => expect(start).toBeGreaterThanOrEqual(found[index]?.end ?? 0));
        for (const { 0: pin, index } of text.matchAll(/pin/g)) {
          expect(found.some(({ start, end }) => start <= index && end >= index + pin.length)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
