import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { maskToken } from '../mask-token.ts';
import { createTextScanner } from '../scan/text-scanner.ts';
import { loadPatternEngine } from '../pattern-engine.ts';
import { checkCustomPattern } from './check-custom-pattern.ts';
import { createCustomPatternDetector, type CustomPatternSpec } from './custom-pattern.ts';
import type { Detector, Finding } from './detector.ts';

beforeAll(async () => void (await loadPatternEngine()));

const badge: CustomPatternSpec = { id: 'badge', keywords: ['badge', 'staff'], pattern: '\\b[A-Z]{2}-[0-9]{4,6}\\b' };

function find(specs: readonly CustomPatternSpec[], text: string, others: readonly Detector[] = []): readonly Finding[] {
  return createTextScanner([...others, ...specs.map(createCustomPatternDetector)]).find(text, 0, text.length);
}

function found(spec: CustomPatternSpec, text: string, others: readonly Detector[] = []): readonly string[] {
  return find([spec], text, others).map(({ rule, start, end }) => `${rule} ${text.slice(start, end)}`);
}

describe('a custom pattern', () => {
  test('finds every match near a keyword, in any case, before and behind it', () => {
    const text = 'AB-1234, CD-4321 (Badge numbers) EF-123456, XX-12';
    expect(found(badge, text)).toEqual(['badge AB-1234', 'badge CD-4321', 'badge EF-123456']);
  });

  test('finds nothing where no keyword is near', () => {
    expect(found(badge, `AB-1234 ${'x'.repeat(520)} badge`)).toEqual([]);
    expect(found(badge, 'AB-1234')).toEqual([]);
  });

  test('masks the group, by number or by name, and nothing where the group took no part', () => {
    const pattern = 'badge: (?:none|(?P<code>[a-z0-9]{4,8}))';
    for (const group of [1, 'code']) {
      const spec = { id: 'badge', keywords: ['badge'], pattern, group };
      expect(found(spec, 'badge: none; badge: ab12cd')).toEqual(['badge ab12cd']);
    }
  });

  test('joins surroundings that overlap, so that each is searched once', () => {
    const text = 'staff AB-1234 '.repeat(2000);
    expect(find([badge], text)).toHaveLength(2000);
  });

  test('finds a match of some thousand characters whole', () => {
    const spec = { id: 'note', keywords: ['note'], pattern: 'note<[a-z]+' };
    const text = `a note<${'x'.repeat(3000)}> and note<y>`;
    const near = { ...spec, keywords: ['note', 'xxx'] };
    expect(find([near], text).map(({ start, end }) => end - start)).toEqual([3005, 6]);
  });

  test('gives way to what another rule found, and masks the rest', () => {
    const other: Detector = {
      id: 'other',
      keywords: ['cd'],
      verify: ({ from, to }) => ({ rule: 'other', start: from, end: to }),
      isPlausible: () => true,
    };
    const spec = { id: 'line', keywords: ['badge'], pattern: 'badge .*' };
    expect(found(spec, 'badge ab cd ef', [other])).toEqual(['line badge ab ', 'other cd', 'line  ef']);
  });

  test('leaves mask tokens alone', () => {
    const spec = { id: 'word', keywords: ['badge'], pattern: '[A-Za-z:]{4,}', group: 0 };
    expect(found(spec, `${maskToken('badge')} x`)).toEqual([]);
    const greedy = { id: 'greedy', keywords: ['badge'], pattern: 'badge (.*)', group: 1 };
    expect(found(greedy, `badge ${maskToken('greedy')}`)).toEqual([]);
    expect(found(greedy, `badge ${maskToken('greedy')} ab`)).toEqual([`greedy ${maskToken('greedy')} ab`]);
  });

  test('finds what a scan of the whole text finds within reach of a keyword', () => {
    const patterns = [
      '[A-Z]{2}-[0-9]{4}',
      '(?i)id[:= ]*[a-z0-9]{3,9}',
      'x+y?',
      '\\bab\\b|cd',
      '[0-9]{3}(?:-[0-9]{3}){0,2}$',
    ];
    const words = fc.constantFrom(
      'badge',
      'AB-1234',
      'id: abc',
      'ab',
      'cd ',
      '\n',
      'xxxy',
      'é',
      '123-456',
      ' ',
      'z'.repeat(300),
    );
    const texts = fc.array(words, { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, fc.constantFrom(...patterns), (text, pattern) => {
        const spans = find([{ id: 'r', keywords: ['badge'], pattern }], text);
        expect(spans.map(({ start, end }) => [start, end])).toEqual(fullScan(pattern, text, 'badge'));
      }),
      { numRuns: 1000 },
    );
  });

  test('costs a leaf its budget, not more, where pattern and text are hostile', () => {
    const spec = { id: 'r', keywords: ['emp'], pattern: 'emp[0-9]+(?:.{0,900}END|.{0,90}FIN)?' };
    expect(checkCustomPattern({ ...spec, id: 'rr' })).toHaveLength(1);
    const slow = { id: 'r', keywords: ['emp'], pattern: 'emp[0-9](?:.{0,200}(?:END|FIN))?' };
    const text = 'emp1 '.repeat(20_000);
    expect(find([slow], text)).toEqual([{ rule: 'budget-exceeded', start: 0, end: text.length }]);
  });
});

/** What matches in the joined surroundings of the keyword, each searched from end to end by RE2. */
function fullScan(pattern: string, text: string, keyword: string): readonly (readonly [number, number])[] {
  const windows: [number, number][] = [];
  for (let at = text.indexOf(keyword); at >= 0; at = text.indexOf(keyword, at + 1)) {
    const [start, end] = [Math.max(0, at - 512), Math.min(text.length, at + keyword.length + 512)];
    const last = windows.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else windows.push([start, end]);
  }
  return windows.flatMap(([start, end]) =>
    [...RE2JS.compile(pattern).matchAll(text.slice(start, end))].map((match): [number, number] => [
      start + (match.index ?? 0),
      start + (match.index ?? 0) + match[0].length,
    ]),
  );
}

function faults(parts: Partial<CustomPatternSpec>): readonly string[] {
  return checkCustomPattern({ ...badge, ...parts }).map(({ path, message }) => `${path}: ${message}`);
}

describe('checking a custom pattern', () => {
  test('accepts a good one', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ pattern: '(?P<code>x)', group: 'code' })).toEqual([]);
  });

  test('says what is wrong and where', () => {
    expect(faults({ id: 'Bad id' })[0]).toMatch(/^\/id: expected 2 to 48/);
    expect(faults({ keywords: [] })).toEqual(['/keywords: expected 1 to 16 keywords, got 0']);
    expect(faults({ keywords: ['good', 'ab'] })[0]).toMatch(/^\/keywords\/1: expected 3 to 64/);
    expect(faults({ keywords: ['a"bc'] })[0]).toMatch(/^\/keywords\/0/);
    expect(faults({ keywords: ['größe'] })[0]).toMatch(/^\/keywords\/0/);
    expect(faults({ pattern: '' })).toEqual(['/pattern: expected 1 to 1024 characters, got 0']);
    expect(faults({ pattern: 'x'.repeat(1025) })[0]).toMatch(/got 1025/);
    expect(faults({ pattern: 'a(?=b)' })[0]).toBe(
      '/pattern: expected RE2 syntax: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    );
    expect(faults({ pattern: '(a' })[0]).toMatch(/missing closing \)/);
    expect(faults({ pattern: 'a{1001}' })[0]).toMatch(/invalid repeat count/);
    expect(faults({ pattern: 'a.{900}b' })[0]).toMatch(/expected at most 512 instructions/);
    expect(faults({ pattern: 'a*' })[0]).toMatch(/empty text/);
    expect(faults({ group: 1 })).toEqual(['/group: the pattern has no group 1']);
    expect(faults({ group: 'code' })).toEqual(['/group: the pattern has no group "code"']);
  });

  test('never throws, whatever the pattern, and what it accepts compiles', () => {
    const parts = fc.constantFrom(
      'a',
      '(',
      ')',
      '[',
      ']',
      '{3}',
      '*',
      '\\',
      'p{L}',
      '?',
      '|',
      '^',
      '(?i',
      ':',
      'é',
      '-',
      '\\b',
    );
    const sources = fc.oneof(
      fc.string(),
      fc.array(parts).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(sources, (pattern) => {
        const spec = { ...badge, pattern };
        const isGood = checkCustomPattern(spec).length === 0;
        expect(() => (isGood ? find([spec], 'a badge of aaa') : [])).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });
});
