import type { MaskingPathRule, MaskTransform } from '@tachograph/protocol';
import { parsePath, type PathSegment } from './parse-path.ts';

/** Where the walk stands in each path: sorted numbers, each a rule and how many of its steps are taken. */
export type PathStates = readonly number[];

export interface PathStep {
  readonly states: PathStates;
  /** What a rule says of this very place; the strictest where several do. */
  readonly verdict: PathVerdict | undefined;
}

export type PathVerdict = MaskTransform | 'keep';

/** The rules of one tool. */
export interface PathRules {
  readonly start: PathStates;
  readonly step: (states: PathStates, key: string | number) => PathStep;
}

const rank: readonly PathVerdict[] = ['drop', 'redact', 'token', 'fpe', 'partial', 'keep'];
const stride = 64;
const maxTools = 1000;

/** Compiles rules; those whose path is none change nothing (`checkMaskingSpec` reports them). Undefined: no rule for the tool. */
export function createPathRules(
  rules: readonly MaskingPathRule[],
): (tool: string | undefined) => PathRules | undefined {
  const compiled = rules.flatMap(({ tool, path, transform }): readonly CompiledRule[] => {
    const segments = parsePath(path);
    return typeof segments === 'string' ? [] : [{ isFor: toMatcher(tool), segments, transform }];
  });
  if (compiled.length === 0) return () => undefined;
  const known = new Map<string | undefined, PathRules | undefined>();
  return (tool) => {
    if (known.has(tool)) return known.get(tool);
    if (known.size >= maxTools) known.clear();
    const own = compiled.filter(({ isFor }) => isFor(tool));
    const made = own.length === 0 ? undefined : toPathRules(own);
    known.set(tool, made);
    return made;
  };
}

interface CompiledRule {
  readonly isFor: (tool: string | undefined) => boolean;
  readonly segments: readonly PathSegment[];
  readonly transform: PathVerdict;
}

/** `*` is any run of characters, `?` any one. */
function toMatcher(glob: string | undefined): (tool: string | undefined) => boolean {
  if (glob === undefined) return () => true;
  return (tool) => tool !== undefined && matchesGlob(glob, tool);
}

/** Linear but for the last `*`, to which the search goes back. */
function matchesGlob(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const char = glob.charAt(g);
    if (char === '*') {
      star = g;
      resume = t;
      g += 1;
    } else if (char === '?' || (char !== '' && char === text.charAt(t))) {
      g += 1;
      t += 1;
    } else if (star < 0) {
      return false;
    } else {
      g = star + 1;
      resume += 1;
      t = resume;
    }
  }
  while (glob.charAt(g) === '*') g += 1;
  return g === glob.length;
}

/** No name or index that a rule has: all such are one. */
const other = Symbol('other');

function toPathRules(rules: readonly CompiledRule[]): PathRules {
  const keys = new Set(rules.flatMap(({ segments }) => segments.map(({ key }) => key)));
  const known = new WeakMap<PathStates, Map<string | number | typeof other, PathStep>>();
  return {
    start: rules.map((_, index) => index * stride),
    step: (states, key) => {
      const seen = known.get(states) ?? new Map<string | number | typeof other, PathStep>();
      known.set(states, seen);
      const name = keys.has(key) ? key : other;
      const step = seen.get(name) ?? takeStep(rules, states, key);
      seen.set(name, step);
      return step;
    },
  };
}

function takeStep(rules: readonly CompiledRule[], states: PathStates, key: string | number): PathStep {
  const next = new Set<number>();
  const verdicts = states.map((state) => {
    const rule = rules[Math.floor(state / stride)];
    const segment = rule?.segments[state % stride];
    if (rule === undefined || segment === undefined) return undefined;
    if (segment.deep) next.add(state);
    if (segment.key !== undefined && segment.key !== key) return undefined;
    if ((state % stride) + 1 === rule.segments.length) return rule.transform;
    next.add(state + 1);
    return undefined;
  });
  return { states: [...next], verdict: rank.find((verdict) => verdicts.includes(verdict)) };
}
