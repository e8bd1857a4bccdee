import { RE2JS, RE2JSException } from 're2js';
import type { Detector } from './detector.ts';
import { createPatternSearch } from './pattern-search.ts';

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

/** Near keywords only, linear, charged to the leaf's work budget. The spec must be good (`checkCustomPattern`). */
export function createCustomPatternDetector({ id, keywords, pattern, group = 0 }: CustomPatternSpec): Detector {
  return {
    id,
    keywords: [...new Set(keywords.map((keyword) => keyword.toLowerCase()))],
    verify: () => undefined,
    isPlausible: () => true,
    search: createPatternSearch({ id, group }, RE2JS.compile(pattern)),
  };
}

/** What keeps a spec from being used; empty where nothing does. */
export function checkCustomPattern(spec: CustomPatternSpec): readonly PatternFault[] {
  return [...checkId(spec.id), ...checkKeywords(spec.keywords), ...checkSource(spec)];
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

function checkSource({ pattern, group }: CustomPatternSpec): readonly PatternFault[] {
  const { sourceLength, programSize } = customPatternLimits;
  if (pattern === '' || pattern.length > sourceLength) {
    return [{ path: '/pattern', message: `expected 1 to ${sourceLength} characters, got ${pattern.length}` }];
  }
  const compiled = compile(pattern);
  if (typeof compiled === 'string') return [{ path: '/pattern', message: compiled }];
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
function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return `expected RE2 syntax: ${error.message}`;
    throw error;
  }
}

function hasGroup(pattern: RE2JS, group: number | string | undefined): boolean {
  if (group === undefined) return true;
  if (typeof group === 'string') return Object.hasOwn(pattern.namedGroups(), group);
  return Number.isInteger(group) && group >= 0 && group <= pattern.groupCount();
}
