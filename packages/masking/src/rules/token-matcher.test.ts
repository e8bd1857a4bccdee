import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { samplesOf } from './pattern-samples.test-support.ts';
import { compilePattern, type MatchInput } from './token-matcher.ts';
import { parsePattern, PatternError } from './token-pattern.ts';
import { parseTokenRules } from './token-rule.ts';
import { tokenRuleLines } from './token-rules.ts';

const patterns = [...new Set(parseTokenRules(tokenRuleLines).flatMap(({ pattern, needs }) => [pattern, ...needs]))];
const operator = String.raw`[ \t\w.-]{0,20}[\s'"\\\]]{0,4}(?:=>|\|\||\?=|:{1,3}=|[=>:,])[\x60'"\s=\\]{0,6}`;

/** The same pattern for JavaScript's own engine. */
function toNative(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/\(\?i:([^()]*)\)/g, (_, inner: string) => `(?:${inAnyCase(inner)})`)
    .replaceAll('\\<', '(?<!\\w)')
    .replaceAll('\\>', '(?![\\w+/=-])')
    .replaceAll('\\;', '(?=[\\s\'"\\x60;,)}\\]<&\\\\|]|$)')
    .replaceAll('\\=', operator);
  return new RegExp(source, 'dy');
}

/** Letters outside escapes as classes: late in a long run of many patterns, V8 was seen to miss matches of `(?i:…)`. */
function inAnyCase(source: string): string {
  return source.replaceAll(/\\.|[a-z]/gi, (part) =>
    part.length > 1 ? part : `[${part.toLowerCase()}${part.toUpperCase()}]`,
  );
}

function match(pattern: string, text: string, at: number): readonly number[] | undefined {
  const input: MatchInput = { text, floor: 0, end: text.length, secretStart: -1, secretEnd: -1 };
  const end = compilePattern(parsePattern(pattern))(input, at);
  return end < 0 ? undefined : [end, input.secretStart, input.secretEnd];
}

function matchNatively(pattern: string, text: string, at: number): readonly number[] | undefined {
  const native = toNative(pattern);
  native.lastIndex = at;
  const found = native.exec(text);
  const [start = -1, end = -1] = found?.indices?.[1] ?? [];
  return found === null ? undefined : [native.lastIndex, start, end];
}

describe('a compiled pattern', () => {
  test.each(patterns)('agrees with a regular expression: %s', (pattern) => {
    const damage = fc.tuple(fc.nat(400), fc.constantFrom('', ' ', '-', 'x', '=', '0', '\n', '"'));
    fc.assert(
      fc.property(samplesOf(parsePattern(pattern)), damage, fc.boolean(), (sample, [place, char], isWhole) => {
        const at = place % (sample.length + 1);
        const text = isWhole ? `.${sample}"` : `.${sample.slice(0, at)}${char}${sample.slice(at + 1)}`;
        expect(match(pattern, text, 1)).toEqual(matchNatively(pattern, text, 1));
      }),
      { numRuns: 8, seed: 11 },
    );
  });

  test.each(['(', ')', '[a', 'a{4,2}', 'a)b', '(?:a', '\\'])('is not made of %s', (pattern) => {
    expect(() => parsePattern(pattern)).toThrow(PatternError);
  });

  test('reads cases, classes and ends as they are written', () => {
    expect(match('(?i:ab)c', 'ABc', 0)).toEqual([3, -1, -1]);
    expect(match('(?i:ab)c', 'ABC', 0)).toBeUndefined();
    expect(match('[+-\\-/-9]{3}(?-i:x)', ',/7x', 0)).toEqual([4, -1, -1]);
    expect(match('(a{2,4})\\>', 'aaaa-', 0)).toBeUndefined();
    expect(match('(a{2,4})\\;', 'aaaa)', 0)).toEqual([4, 0, 4]);
  });
});
