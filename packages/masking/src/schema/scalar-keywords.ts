import { formatStandIns, freeFormats, satisfiesFormat } from './format-stand-ins.ts';
import type { JsonObject } from './json-values.ts';
import type { PatternTests } from './pattern-cache.ts';

/** Yes, no, or not known. */
export type Truth = boolean | undefined;

/** All of them: one no is no; otherwise one unknown is unknown. */
export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

export function typeHolds(type: unknown, value: unknown): Truth {
  if (type === undefined) return true;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const own = typeOf(value);
  return types.includes(own) || (own === 'number' && Number.isInteger(value) && types.includes('integer'));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export function stringHolds(schema: JsonObject, value: string, patterns: PatternTests): Truth {
  const { minLength, maxLength, pattern, format } = schema;
  const length = Array.from(value).length;
  return allOf([
    minLength === undefined || (typeof minLength === 'number' ? length >= minLength : undefined),
    maxLength === undefined || (typeof maxLength === 'number' ? length <= maxLength : undefined),
    pattern === undefined || (typeof pattern === 'string' ? patterns.test(pattern, value) : undefined),
    typeof format === 'string' ? satisfiesFormat(format, value) : true,
  ]);
}

export function numberHolds(schema: JsonObject, value: number): Truth {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema;
  return allOf([
    bound(minimum, (limit) => value >= limit),
    bound(maximum, (limit) => value <= limit),
    bound(exclusiveMinimum, (limit) => value > limit),
    bound(exclusiveMaximum, (limit) => value < limit),
    bound(multipleOf, (limit) => Number.isInteger(value / limit)),
    typeof format !== 'string' || !formatStandIns.has(format) || freeFormats.has(format),
  ]);
}

function bound(limit: unknown, holds: (limit: number) => boolean): Truth {
  return limit === undefined || (typeof limit === 'number' ? holds(limit) : undefined);
}
