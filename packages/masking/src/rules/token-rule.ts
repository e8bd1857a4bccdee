import { compilePattern, type Matcher } from './token-matcher.ts';
import { parsePattern } from './token-pattern.ts';

/** A published format of a token, as data. */
export interface TokenRule {
  readonly id: string;
  /** It identifies and grants nothing, or is believed less: for the record only. */
  readonly isWeak: boolean;
  /** Converted: what the sources let pass under any rule passes here. */
  readonly isPublished: boolean;
  /** Shannon entropy of the secret, in bits a character, that it must exceed (or reach). */
  readonly minEntropy: number;
  readonly isExclusive: boolean;
  /** Lower case, or `@blob` and `@digits` for a run of characters. */
  readonly keywords: readonly string[];
  /** Characters between the start of a match and the keyword. */
  readonly minBack: number;
  readonly maxBack: number;
  /** One of these must stand near the secret. */
  readonly near: readonly string[];
  readonly pattern: string;
  /** Patterns that must and must not match somewhere in the secret. */
  readonly needs: readonly string[];
  readonly rejects: readonly string[];
}

/** Reads the lines that `scripts/build-token-rules.mjs` writes: fields between tabs, in the order of `TokenRule`. */
export function parseTokenRules(lines: string): readonly TokenRule[] {
  return lines.split('\n').map(parseTokenRule);
}

function parseTokenRule(line: string): TokenRule {
  const fields = line.split('\t');
  const field = (index: number): string => fields[index] ?? '';
  const [minBack = 0, maxBack = minBack] = field(4).split('-').map(Number);
  return {
    id: field(0),
    isWeak: field(1) === 'weak',
    isPublished: field(1) !== 'own',
    minEntropy: Number(field(2).replace(/^>=?/, '')),
    isExclusive: !field(2).startsWith('>='),
    keywords: field(3).split(','),
    minBack,
    maxBack,
    near: field(5) === '' ? [] : field(5).split(','),
    pattern: field(6),
    needs: markedWith('+', fields),
    rejects: markedWith('-', fields),
  };
}

function markedWith(mark: string, fields: readonly string[]): readonly string[] {
  return fields
    .slice(7)
    .filter((text) => text.startsWith(mark))
    .map((text) => text.slice(1));
}

/** A rule's patterns, compiled. */
export interface TokenMatchers {
  readonly match: Matcher;
  readonly needs: readonly Matcher[];
  readonly rejects: readonly Matcher[];
}

/** Compiles when first asked: most rules never meet their keyword. */
export function createTokenMatchers(rule: TokenRule): () => TokenMatchers {
  let compiled: TokenMatchers | undefined;
  return () => {
    compiled ??= { match: compile(rule.pattern), needs: rule.needs.map(compile), rejects: rule.rejects.map(compile) };
    return compiled;
  };
}

function compile(source: string): Matcher {
  return compilePattern(parsePattern(source));
}
