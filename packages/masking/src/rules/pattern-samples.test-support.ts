import fc from 'fast-check';
import { shannonEntropy } from './shannon-entropy.ts';
import { createTokenMatchers, type TokenRule } from './token-rule.ts';
import { otherChars, parsePattern, type PatternChars, type PatternNode } from './token-pattern.ts';
import type { MatchInput } from './token-matcher.ts';

const maxExtra = 24;
/** Groups that repeat are compiled so often. */
const maxCopies = 8;
const known = new Map<string, readonly Sample[]>();

/** Strings that a pattern describes; borders say nothing about a string alone. */
export function samplesOf(node: PatternNode): fc.Arbitrary<string> {
  switch (node.kind) {
    case 'chars':
      return fc.constantFrom(...membersOf(node.set));
    case 'sequence':
      return fc.tuple(...node.items.map(samplesOf)).map((parts) => parts.join(''));
    case 'choice':
      return fc.oneof(...node.options.map(samplesOf));
    case 'secret':
      return samplesOf(node.item);
    case 'repeat': {
      const maxLength = Math.min(node.max, node.min + (node.item.kind === 'chars' ? maxExtra : maxCopies));
      return fc
        .array(samplesOf(node.item), { minLength: node.min, maxLength, size: 'max' })
        .map((parts) => parts.join(''));
    }
    case 'border':
      return fc.constant('');
    default:
      throw new Error('no such node');
  }
}

/** Letters and digits where the set has them and not much else, so that a sample does not end what it stands in. */
function membersOf(set: PatternChars): readonly string[] {
  if (set[otherChars] === 1 && set[0x20] === 1) return [' ', '='];
  const all = Array.from({ length: otherChars }, (_, code) => code).filter((code) => set[code] === 1);
  const chars = all.map((code) => String.fromCharCode(code));
  const plain = chars.filter((char) => /[A-Za-z0-9]/.test(char));
  return plain.length > 4 ? [...plain, ...chars.filter((char) => /[_-]/.test(char))] : chars;
}

export interface Sample {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Texts that a rule must find, with the secret's place, made from the rule's own definition. */
export function examplesOf(rule: TokenRule, count: number): readonly Sample[] {
  const key = `${rule.id} ${rule.pattern}`;
  const samples = known.get(key) ?? makeExamples(rule);
  known.set(key, samples);
  return samples.slice(0, count);
}

function makeExamples(rule: TokenRule): readonly Sample[] {
  const texts = fc.sample(samplesOf(parsePattern(rule.pattern)), { numRuns: 48, seed: 7 });
  const matchers = createTokenMatchers(rule)();
  return texts.flatMap((sample) => {
    const text = `(${sample}\n${rule.near[0] ?? ''}\n`;
    const input: MatchInput = { text, floor: 0, end: text.length, secretStart: -1, secretEnd: -1 };
    const end = matchers.match(input, 1);
    if (end < 0) return [];
    const span = input.secretStart < 0 ? { start: 1, end } : { start: input.secretStart, end: input.secretEnd };
    const isGood =
      shannonEntropy(text, span.start, span.end) > rule.minEntropy &&
      matchers.needs.every((need) => occurs(need, text, span)) &&
      !matchers.rejects.some((reject) => occurs(reject, text, span));
    return isGood ? [{ text, ...span }] : [];
  });
}

function occurs(matcher: (input: MatchInput, at: number) => number, text: string, span: Omit<Sample, 'text'>): boolean {
  const input: MatchInput = { text, floor: span.start, end: span.end, secretStart: -1, secretEnd: -1 };
  return Array.from({ length: span.end - span.start + 1 }, (_, index) => index + span.start).some(
    (at) => matcher(input, at) >= 0,
  );
}
