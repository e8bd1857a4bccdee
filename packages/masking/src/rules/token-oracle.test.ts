import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { createTextScanner } from '../scan/text-scanner.ts';
import { knownTokenDetectors } from '../detectors/known-token.ts';
import { shannonEntropy } from './shannon-entropy.ts';
import { compilePattern, type Matcher } from './token-matcher.ts';
import { parsePattern } from './token-pattern.ts';
import { parseTokenRules, type TokenRule } from './token-rule.ts';
import { tokenRuleLines } from './token-rules.ts';

const rules = parseTokenRules(tokenRuleLines);

/** Signs of ours that RE2 has no word for; at either end they can be said by a character that is read. */
const own = /\\[<>;=]/;
const heads: Readonly<Record<string, string>> = { '\\<': '(?:^|\\W)' };
const tails: Readonly<Record<string, string>> = {
  '\\>': '(?:$|[^\\w+/=-])',
  '\\;': `(?:$|[\\s'"\`;,)}\\]<&\\\\|])`,
};

/** The rule's pattern in RE2's words, as group 1; undefined where it cannot be said (RE2 repeats at most 1,000 times). */
function toOracle({ pattern }: TokenRule): RE2JS | undefined {
  const head = heads[pattern.slice(0, 2)];
  const tail = tails[pattern.slice(-2)];
  const body = pattern.slice(head === undefined ? 0 : 2, tail === undefined ? undefined : -2);
  const isTooLong = [...body.matchAll(/,(\d+)\}/g)].some(([, high]) => Number(high) > 1000);
  return own.test(body) || isTooLong ? undefined : RE2JS.compile(`${head ?? ''}(${body})${tail ?? ''}`);
}

interface Compared {
  readonly name: string;
  readonly rule: TokenRule;
  readonly oracle: RE2JS;
}

const compared = rules.flatMap((rule, index): readonly Compared[] => {
  const oracle = toOracle(rule);
  return oracle === undefined ? [] : [{ name: `${rule.id} ${index}`, rule, oracle }];
});

/** Texts of pieces of the pattern's own characters, so that near misses are frequent. */
function textsFor({ pattern, keywords }: TokenRule): fc.Arbitrary<string> {
  const literals = pattern.match(/[A-Za-z0-9_-]{3,}/g) ?? [];
  const lengths = [...pattern.matchAll(/\{(\d+)(?:,(\d+))?\}/g)].flatMap(([, low, high]) => [low, high]).map(Number);
  const longest = Math.min(400, Math.max(8, ...lengths.filter((length) => length > 0)));
  const run = fc
    .tuple(
      fc.constantFrom('aZ3bY4cX5dW6', 'f0e1d2c3b4a59687', 'QK7', 'x_-', '7'),
      fc.constantFrom(...lengths.filter((each) => each <= 400 && each > 0), longest, 20),
    )
    .chain(([unit, length]) =>
      fc.constantFrom(-1, 0, 1).map((more) => unit.repeat(length).slice(0, Math.max(0, length + more))),
    );
  const literal = fc.constantFrom(...literals, ...keywords);
  const whole = fc.tuple(literal, run).map(([first, second]) => first + second);
  const piece = fc.oneof(literal, fc.constantFrom(' ', '-', '.', '_', '\n', 'é', ''), run, whole);
  return fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
}

describe('the patterns of known tokens', () => {
  test('most of them can be said in RE2', () => {
    expect(compared.length).toBeGreaterThan(rules.length / 3);
  });

  test.each(compared)('$name matches where RE2 finds it, and to the same end', ({ rule, oracle }) => {
    const matcher = compilePattern(parsePattern(rule.pattern));
    fc.assert(
      fc.property(textsFor(rule), (text) => {
        expect(firstMatch(matcher, text)).toEqual(firstByOracle(oracle, text));
      }),
      { numRuns: 60 },
    );
  });
});

function firstByOracle(oracle: RE2JS, text: string): readonly [number, number] {
  const matcher = oracle.matcher(text);
  return matcher.find() ? [matcher.start(1), matcher.end(1)] : [-1, -1];
}

/** Of what the rule's own group holds; a rule without one has a prefix that says nothing. */
function secretEntropy(oracle: RE2JS, text: string): number {
  const matcher = oracle.matcher(text);
  if (!matcher.find()) return 0;
  const at = matcher.groupCount() > 1 ? matcher.start(2) : -1;
  return at < 0 ? shannonEntropy(text, matcher.start(1) + 8, matcher.end(1)) : shannonEntropy(text, at, matcher.end(2));
}

function firstMatch(matcher: Matcher, text: string): readonly [number, number] {
  for (let at = 0; at <= text.length; at += 1) {
    const end = matcher({ text, floor: 0, end: text.length, secretStart: -1, secretEnd: -1 }, at);
    if (end >= 0) return [at, end];
  }
  return [-1, -1];
}

function asksForNothingMore({ rule }: Compared): boolean {
  return !rule.isWeak && rule.near.length + rule.needs.length + rule.rejects.length === 0;
}

describe('the scanner of known tokens', () => {
  const scanner = createTextScanner(knownTokenDetectors());

  test('finds what RE2 finds in the whole text, if it is random enough for the rule', () => {
    const cases = fc
      .constantFrom(...compared.filter(asksForNothingMore))
      .chain((each) => fc.tuple(fc.constant(each), textsFor(each.rule)));
    fc.assert(
      fc.property(cases, ([{ rule, oracle }, text]) => {
        const [start, end] = firstByOracle(oracle, text);
        const isExpected = start >= 0 && secretEntropy(oracle, text) > Math.max(3, rule.minEntropy);
        const found = scanner.find(text, 0, text.length);
        expect(!isExpected || found.some((each) => each.start < end && each.end > start)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});
