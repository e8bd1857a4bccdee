import type { RE2JS } from 're2js';
import { patternEngine } from '../pattern-engine.ts';

const maxPatterns = 200;
const maxPatternLength = 2048;
const maxTested = 4096;

/** Patterns with look-ahead, which RE2 has not, that common libraries write for a format; the stand-in satisfies them. */
const knownPatterns: ReadonlyMap<string, string> = new Map([
  [
    String.raw`^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`,
    'redacted@redacted.invalid',
  ],
  [String.raw`^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$`, 'PT0S'],
  [
    String.raw`^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$`,
    'redacted.invalid',
  ],
]);

/** Tests strings against patterns of schemas in linear time; undefined where that cannot be known. */
export interface PatternTests {
  readonly test: (pattern: string, value: string) => boolean | undefined;
}

/** For one message: compiles each pattern once. Schemas come from the server, so their patterns are never run natively. */
export function createPatternTests(): PatternTests {
  const compiled = new Map<string, RE2JS | undefined>();
  return {
    test: (pattern, value) => {
      if (knownPatterns.get(pattern) === value) return true;
      if (value.length > maxTested || pattern.length > maxPatternLength) return undefined;
      if (!compiled.has(pattern)) {
        if (compiled.size >= maxPatterns) return undefined;
        compiled.set(pattern, compile(pattern));
      }
      return compiled.get(pattern)?.test(value);
    },
  };
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return patternEngine()?.compile(pattern);
  } catch {
    return undefined;
  }
}
