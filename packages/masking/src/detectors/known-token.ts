import { requiredLiteral } from '../rules/required-literal.ts';
import { createTokenMatchers, parseTokenRules, type TokenMatchers, type TokenRule } from '../rules/token-rule.ts';
import type { Matcher, MatchInput } from '../rules/token-matcher.ts';
import { shannonEntropy } from '../rules/shannon-entropy.ts';
import { tokenRuleDigest, tokenRuleLines } from '../rules/token-rules.ts';
import { runEnd, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import { isMaskToken } from '../mask-token.ts';

const rules = parseTokenRules(tokenRuleLines);

/** Ids of all rules for known tokens. */
export const knownTokenIds: readonly string[] = [...new Set(rules.map(({ id }) => id))];

/** Names the data that the rules are made from. */
export const knownTokenDigest: string = tokenRuleDigest;

interface Candidate {
  readonly rule: TokenRule;
  readonly matchers: () => TokenMatchers;
  /** What every match holds, of rules whose keyword is not at the beginning. */
  readonly literal: string | undefined;
}

const nearby = 256;
const maxName = 64;
const equalsSign = 0x3d;
const maxJudged = 1024;
const minFollowing = 4;
/** So far behind a keyword patterns may read what is no plain run of a token's characters. */
const maxAhead = 128;
/** No pattern that is asked for its literal matches so much, escapes and all. */
const maxMatch = 1024;
const backslash = 0x5c;

/**
 * Detectors of the formats that issuers mark, one for each keyword; a keyword may stand for several rules, of which the
 * first that matches is believed, strong ones before weak ones. Rules whose id is in `off` are left out.
 */
export function knownTokenDetectors(off: ReadonlySet<string> = new Set()): readonly Detector[] {
  const byKeyword = new Map<string, Candidate[]>();
  for (const rule of rules.filter(({ id }) => !off.has(id)).toSorted((a, b) => Number(a.isWeak) - Number(b.isWeak))) {
    const literal = rule.maxBack > 0 ? requiredLiteral(rule.pattern) : undefined;
    const candidate = { rule, matchers: createTokenMatchers(rule), literal };
    for (const keyword of rule.keywords) {
      const known = byKeyword.get(keyword);
      if (known === undefined) byKeyword.set(keyword, [candidate]);
      else known.push(candidate);
    }
  }
  return [...byKeyword].map(([keyword, candidates]) => createDetector(keyword, candidates));
}

function createDetector(keyword: string, candidates: readonly Candidate[]): Detector {
  const verify = (match: KeywordMatch): Finding | undefined => {
    for (const candidate of candidates) {
      const finding = verifyCandidate(candidate, match);
      if (finding !== undefined) return finding;
    }
    return undefined;
  };
  const maxBack = Math.max(...candidates.map(({ rule }) => rule.maxBack));
  const mayMatch: Detector['isPlausible'] = (text, from) => candidates.some((each) => mayMatchAt(each, text, from));
  const id = `known-token:${keyword}`;
  if (keyword === '@blob') return createBlobDetector(id, verify, mayMatch);
  if (keyword === '@digits') return { id, keywords: [], triggers: ['digits'], verify, isPlausible: mayMatch };
  const isPlausible: Detector['isPlausible'] = (text, from, to) =>
    hasEscape(text, from - maxBack, to + maxAhead)
      ? maxBack > 0
        ? candidates.some(({ literal }) => mayHold(literal, text, from - 2 * maxBack, to))
        : isFollowed(text, from, to)
      : mayMatch(text, from, to);
  return { id, keywords: [keyword], verify, isPlausible };
}

type Verify = Detector['verify'];
type IsPlausible = Detector['isPlausible'];

/** A run of characters may begin with the name of what it is assigned to: `TOKEN=…` is one run. */
function createBlobDetector(id: string, verify: Verify, mayMatch: IsPlausible): Detector {
  return {
    id,
    keywords: [],
    triggers: ['blob'],
    verify: (match) => {
      const from = afterName(match.text, match.from, match.to);
      return verify(match) ?? (from === match.from ? undefined : verify({ ...match, from }));
    },
    isPlausible: (text, from, to) => {
      const start = afterName(text, from, to);
      return mayMatch(text, from, to) || (start !== from && mayMatch(text, start, to));
    },
  };
}

function afterName(text: string, from: number, to: number): number {
  for (let i = from; i < Math.min(to, from + maxName); i += 1) {
    if (text.charCodeAt(i) === equalsSign) return i + 1;
  }
  return from;
}

/**
 * No escape can hide a plain character but those that are decoded in any case. The other escapes stand for one character and
 * take two, so that a match begins at twice the distance at most.
 */
function mayHold(literal: string | undefined, text: string, from: number, to: number): boolean {
  return literal === undefined || text.slice(Math.max(0, from), to + maxMatch).includes(literal);
}

/** A backslash in the part `text[from, to)` of a string still escaped: patterns are not to be trusted there. */
function hasEscape(text: string, from: number, to: number): boolean {
  for (let i = Math.max(0, from); i < to; i += 1) {
    if (text.charCodeAt(i) === backslash) return true;
  }
  return false;
}

const followingChars = toCharSet('a-z', 'A-Z', '0-9', '_.:=', '/+-', '\\"\'`<>[]()|?, \t');

/** A secret's characters, or what stands between a name and its value, come next. */
function isFollowed(text: string, _from: number, to: number): boolean {
  return runEnd(followingChars, text, to, to + minFollowing) === to + minFollowing;
}

function verifyCandidate(candidate: Candidate, match: KeywordMatch): Finding | undefined {
  const { rule, matchers } = candidate;
  const first = Math.max(match.floor, match.from - rule.maxBack);
  for (let at = first; at <= match.from - rule.minBack; at += 1) {
    const finding = matchAt(rule, matchers(), match, at);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

/** The pattern alone, and as if nothing stood before it: an escape may. */
function mayMatchAt({ rule, matchers }: Candidate, text: string, from: number): boolean {
  const { match } = matchers();
  for (let at = Math.max(0, from - rule.maxBack); at <= from - rule.minBack; at += 1) {
    if (match({ text, floor: at, end: text.length, secretStart: -1, secretEnd: -1 }, at) >= 0) return true;
  }
  return false;
}

function matchAt(rule: TokenRule, matchers: TokenMatchers, match: KeywordMatch, at: number): Finding | undefined {
  const span = spanAt(rule, matchers.match, match, at);
  if (span === undefined || isMaskToken(match.text, span.start, span.end)) return undefined;
  if (!isSecretEnough(rule, match.text, span) || !isAllowed(matchers, match.text, span)) return undefined;
  if (!isNear(rule, match, span)) return undefined;
  return { rule: rule.id, ...span, ...(rule.isWeak ? { weak: true } : {}) };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The secret of a match that begins at `at` and holds the keyword. */
function spanAt(rule: TokenRule, matcher: Matcher, match: KeywordMatch, at: number): Span | undefined {
  const input: MatchInput = { ...match, secretStart: -1, secretEnd: -1 };
  const end = matcher(input, at);
  if (end < 0 || (end < match.to && rule.keywords[0]?.startsWith('@') !== true)) return undefined;
  return input.secretStart < 0 ? { start: at, end } : { start: input.secretStart, end: input.secretEnd };
}

/** Secrets that all published rules let pass. */
function isExample(text: string, { start, end }: Span): boolean {
  const value = text.slice(start, Math.min(end, start + maxJudged));
  return value.includes('abcdefghijklmnopqrstuvwxyz') || value === value.charAt(0).repeat(value.length);
}

function isSecretEnough(rule: TokenRule, text: string, span: Span): boolean {
  const { isPublished, minEntropy, isExclusive } = rule;
  const { start, end } = span;
  if (isPublished && isExample(text, span)) return false;
  if (minEntropy === 0) return true;
  const entropy = shannonEntropy(text, start, Math.min(end, start + maxJudged));
  return isExclusive ? entropy > minEntropy : entropy >= minEntropy;
}

function isAllowed({ needs, rejects }: TokenMatchers, text: string, { start, end }: Span): boolean {
  const stop = Math.min(end, start + maxJudged);
  return (
    needs.every((need) => matchesSomewhere(need, text, start, stop)) &&
    !rejects.some((reject) => matchesSomewhere(reject, text, start, stop))
  );
}

function matchesSomewhere(matcher: Matcher, text: string, floor: number, end: number): boolean {
  const input: MatchInput = { text, floor, end, secretStart: -1, secretEnd: -1 };
  for (let at = floor; at <= end; at += 1) {
    if (matcher(input, at) >= 0) return true;
  }
  return false;
}

function isNear({ near }: TokenRule, { text, floor, end: last }: KeywordMatch, { start, end }: Span): boolean {
  if (near.length === 0) return true;
  const around = text.slice(Math.max(floor, start - nearby), Math.min(last, end + nearby)).toLowerCase();
  return near.some((keyword) => around.includes(keyword));
}
