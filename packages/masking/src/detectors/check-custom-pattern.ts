import { RE2JS } from 're2js';
import {
  checkCompiled,
  checkPatternShape,
  compilePattern,
  type CustomPatternSpec,
  type PatternFault,
} from './custom-pattern.ts';

/** What keeps a spec from being used; empty where nothing does. Compiles the pattern: for admission and tools. */
export function checkCustomPattern(spec: CustomPatternSpec): readonly PatternFault[] {
  const faults = checkPatternShape(spec);
  return faults.some(({ path }) => path === '/pattern') ? faults : [...faults, ...checkPattern(spec)];
}

function checkPattern({ pattern, group }: CustomPatternSpec): readonly PatternFault[] {
  const compiled = compilePattern(RE2JS, pattern);
  return typeof compiled === 'string' ? [{ path: '/pattern', message: compiled }] : checkCompiled(compiled, group);
}
