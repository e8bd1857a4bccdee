import { describe, expect, test } from '@jest/globals';
import { requiredLiteral } from './required-literal.ts';

describe('the text that a pattern requires', () => {
  test.each([
    [String.raw`(?i:http)[Ss]?://([^ ]{8,256}):x-oauth-basic@github\.com`, ':x-oauth-basic@github.com'],
    [String.raw`\b(ghp_[0-9A-Za-z]{36})\b`, undefined],
    [String.raw`abcdef?ghij`, 'abcde'],
    [String.raw`abcdefg?hij`, 'abcdef'],
    [String.raw`(a|b)secret[)x]+hidden\;`, 'secret'],
    ['(?i)secret', undefined],
    ['secret|hidden', undefined],
    [String.raw`ab\bcdefgh`, 'cdefgh'],
  ])('%s requires %s', (pattern, expected) => {
    expect(requiredLiteral(pattern)).toBe(expected);
  });
});
