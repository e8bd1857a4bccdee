import type { RE2JS } from 're2js';
import { patternEngine, type PatternEngine } from '../pattern-engine.ts';
import type { Detector, WindowSearch } from './detector.ts';
import { createPatternSearch, patternReach } from './pattern-search.ts';

/** A rule that a customer writes. */
export interface CustomPatternSpec {
  /** What evidence and mask name: `[REDACTED:<id>]`. */
  readonly id: string;
  /** One to sixteen, of three characters or more, any case. The pattern is tried within 512 characters of one only. */
  readonly keywords: readonly string[];
  /** RE2 syntax: no look-around, no back references. At most 1 KiB. */
  readonly pattern: string;
  /** The group that is masked, by number or name; the whole match where not said. */
  readonly group?: number | string | undefined;
}

export interface PatternFault {
  /** JSON Pointer within the spec. */
  readonly path: string;
  readonly message: string;
}

export const customPatternLimits = {
  patterns: 100,
  sourceLength: 1024,
  keywords: 16,
  keywordLength: 64,
  /** Instructions of the compiled pattern: what a character may cost. */
  programSize: 512,
} as const;

/**
 * Near keywords only, linear, charged to the leaf's work budget. Compiled at the first keyword: until the pattern engine is
 * loaded that throws, so that nothing passes uninspected. Finds nothing where the pattern is not usable.
 */
export function createCustomPatternDetector(spec: CustomPatternSpec): Detector {
  let search: WindowSearch | undefined;
  const find: WindowSearch['find'] = (text, start, end) => {
    search ??= createSearch(spec);
    return search.find(text, start, end);
  };
  return {
    id: spec.id,
    keywords: [...new Set(spec.keywords.map((keyword) => keyword.toLowerCase()))],
    verify: () => undefined,
    isPlausible: () => true,
    search: { reach: patternReach, find },
  };
}

function createSearch({ id, pattern, group = 0 }: CustomPatternSpec): WindowSearch {
  const engine = patternEngine();
  if (engine === undefined) throw new Error('the pattern engine is not loaded');
  const compiled = compilePattern(engine, pattern);
  const isGood = typeof compiled !== 'string' && checkCompiled(compiled, group).length === 0;
  return isGood ? createPatternSearch({ id, group }, compiled) : { reach: patternReach, find: () => [] };
}

/** What is wrong with a spec apart from its pattern. */
export function checkPatternShape({ id, keywords, pattern }: CustomPatternSpec): readonly PatternFault[] {
  return [...checkId(id), ...checkKeywords(keywords), ...checkLength(pattern)];
}

function checkId(id: string): readonly PatternFault[] {
  return /^[a-z][a-z0-9-]{1,47}$/.test(id)
    ? []
    : [{ path: '/id', message: 'expected 2 to 48 lower-case letters, digits and dashes, a letter first' }];
}

function checkKeywords(keywords: readonly string[]): readonly PatternFault[] {
  const { keywords: most, keywordLength } = customPatternLimits;
  if (keywords.length === 0 || keywords.length > most) {
    return [{ path: '/keywords', message: `expected 1 to ${most} keywords, got ${keywords.length}` }];
  }
  const isGood = (keyword: string): boolean =>
    keyword.length >= 3 && keyword.length <= keywordLength && /^[ !#-[\]-~]+$/.test(keyword);
  return keywords.flatMap((keyword, index) =>
    isGood(keyword)
      ? []
      : [
          {
            path: `/keywords/${index}`,
            message: `expected 3 to ${keywordLength} printable ASCII characters without quote and backslash`,
          },
        ],
  );
}

function checkLength({ length }: string): readonly PatternFault[] {
  const { sourceLength } = customPatternLimits;
  return length > 0 && length <= sourceLength
    ? []
    : [{ path: '/pattern', message: `expected 1 to ${sourceLength} characters, got ${length}` }];
}

/** What is wrong with a pattern that compiles. */
export function checkCompiled(compiled: RE2JS, group: number | string | undefined): readonly PatternFault[] {
  const { programSize } = customPatternLimits;
  const size = compiled.programSize();
  if (size > programSize) {
    return [
      { path: '/pattern', message: `expected at most ${programSize} instructions, compiles to ${size}: repeat less` },
    ];
  }
  if (compiled.test(''))
    return [{ path: '/pattern', message: 'expected a pattern that does not match the empty text' }];
  return hasGroup(compiled, group)
    ? []
    : [{ path: '/group', message: `the pattern has no group ${JSON.stringify(group)}` }];
}

/** The compiled pattern, or why it does not compile. */
export function compilePattern(engine: PatternEngine, pattern: string): RE2JS | string {
  try {
    return engine.compile(pattern);
  } catch (error) {
    // The engine's own errors say what is wrong with the pattern; it throws nothing else but these.
    return `expected RE2 syntax: ${error instanceof Error ? error.message : 'not understood'}`;
  }
}

function hasGroup(pattern: RE2JS, group: number | string | undefined): boolean {
  if (group === undefined) return true;
  if (typeof group === 'string') return Object.hasOwn(pattern.namedGroups(), group);
  return Number.isInteger(group) && group >= 0 && group <= pattern.groupCount();
}
