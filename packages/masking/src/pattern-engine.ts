import type { RE2JS } from 're2js';

/** RE2 of the library. */
export type PatternEngine = typeof RE2JS;

let engine: PatternEngine | undefined;

/** Customer patterns and patterns of output schemas need it, and most sidecars have neither: 6 ms and some MB of memory. */
export async function loadPatternEngine(): Promise<PatternEngine> {
  engine ??= (await import('re2js')).RE2JS;
  return engine;
}

/** Undefined until it has been loaded. */
export function patternEngine(): PatternEngine | undefined {
  return engine;
}

/**
 * Loads what output schemas with patterns are held against; without it such a pattern counts as one that cannot be
 * decided, and a result that hangs on it is withheld. Does nothing where the schema holds no pattern. Never rejects.
 */
export async function preparePatterns(schema: unknown): Promise<void> {
  if (engine !== undefined || !holdsPattern(schema)) return;
  await loadPatternEngine().catch(() => undefined);
}

function holdsPattern(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && /"pattern(?:Properties)?":/.test(JSON.stringify(schema));
}
