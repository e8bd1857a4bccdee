import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { knownTokenDetectors } from '../detectors/known-token.ts';
import { createTextScanner } from '../scan/text-scanner.ts';
import { work } from '../scan/work.ts';
import { examplesOf } from './pattern-samples.test-support.ts';
import { createTokenMatchers, parseTokenRules, type TokenRule } from './token-rule.ts';
import { tokenRuleDigest, tokenRuleLines } from './token-rules.ts';
import type { MatchInput } from './token-matcher.ts';

const rules = parseTokenRules(tokenRuleLines);
const scanner = createTextScanner(knownTokenDetectors());
const named = rules.map((rule, index) => [`${rule.id} ${index}`, rule] as const);

function matchEnd(rule: TokenRule, text: string, at: number): number {
  const input: MatchInput = { text, floor: 0, end: text.length, secretStart: -1, secretEnd: -1 };
  return createTokenMatchers(rule)().match(input, at);
}

/** The pattern names the characters that it takes. */
function isNarrow({ pattern }: TokenRule): boolean {
  return !/\[\^|\(\?s:/.test(pattern);
}

describe('the data', () => {
  test('is what the script wrote', () => {
    expect(createHash('sha256').update(tokenRuleLines).digest('hex')).toBe(tokenRuleDigest);
  });

  test('has each line once, in order', () => {
    const lines = tokenRuleLines.split('\n');
    expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => (a < b ? -1 : 1)));
  });

  test('covers what the sources name', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBeGreaterThan(300);
  });

  test.each(named)('%s is well formed', (_name, rule) => {
    expect(rule.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(rule.minEntropy).toBeGreaterThanOrEqual(0);
    expect(rule.minEntropy).toBeLessThan(5);
    expect(rule.maxBack).toBeGreaterThanOrEqual(rule.minBack);
    expect(rule.maxBack).toBeLessThanOrEqual(128);
    for (const keyword of rule.keywords)
      expect(keyword).toMatch(/^(?:@blob|@digits|[\x20\x21\x23-\x40\x5b\x5d-\x7e]{2,24})$/);
    expect(createTokenMatchers(rule)).not.toThrow();
  });
});

describe('every rule', () => {
  test.each(named)('%s finds what it describes', (_name, rule) => {
    const examples = examplesOf(rule, 3);
    expect(examples).not.toHaveLength(0);
    for (const { text, start, end } of examples) {
      const found = scanner.find(text, 0, text.length);
      expect(found.filter((finding) => finding.start < end && finding.end > start)).not.toHaveLength(0);
    }
  });

  test.each(named.filter(([, rule]) => isNarrow(rule)))('%s does not match what is cut short', (_name, rule) => {
    for (const { text, start } of examplesOf(rule, 3)) expect(matchEnd(rule, text.slice(0, start + 2), 1)).toBe(-1);
  });

  test.each(named.filter(([, rule]) => isNarrow(rule)))(
    '%s does not match a secret with a character of none',
    (_name, rule) => {
      for (const { text, start } of examplesOf(rule, 3)) {
        const broken = `${text.slice(0, start + 1)}\u0007${text.slice(start + 2)}`;
        expect(matchEnd(rule, broken, 1)).toBeLessThanOrEqual(start + 1);
      }
    },
  );

  test.each(named.filter(([, { pattern }]) => pattern.startsWith('\\b')))(
    '%s does not match within a word',
    (_name, rule) => {
      for (const { text } of examplesOf(rule, 3).filter((example) => /^\(\w/.test(example.text)))
        expect(matchEnd(rule, `x${text.slice(1)}`, 1)).toBe(-1);
    },
  );

  test.each(named)('%s reads hostile text in linear time', (_name, rule) => {
    for (const { text, end } of examplesOf(rule, 1)) {
      const [unfinished, keyword] = [text.slice(1, end - 1), rule.keywords[0] ?? ''];
      for (const piece of [unfinished, keyword.replace('@blob', 'a').replace('@digits', '1 ')]) {
        expect(readPerChar(piece, 4096)).toBeLessThan(400);
      }
    }
  });
});

/** Characters read for each character of a text that is one piece over and over. */
function readPerChar(piece: string, length: number): number {
  const text = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  const before = work.read;
  scanner.find(text, 0, text.length);
  return (work.read - before) / length;
}
