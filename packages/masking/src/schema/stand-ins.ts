import { formatStandIns } from './format-stand-ins.ts';
import type { JsonObject } from './json-values.ts';

const maxFilled = 256;
const shapeLimit = 256;

/**
 * What may stand for a masked string under these subschemas, the most telling first. None gives the value away; the last
 * keeps the shape of short ones (which characters are digits and letters, and the common signs between them).
 */
export function stringStandIns(schemas: readonly JsonObject[], masked: string, original: string): readonly string[] {
  const formats = schemas.flatMap(({ format }) => (typeof format === 'string' ? [formatStandIns.get(format)] : []));
  const lengths = schemas.flatMap(({ minLength = 0, maxLength = 8 }) => fillLengths(minLength, maxLength));
  const filled = [...new Set(lengths)].flatMap((length) => ['*', 'x', 'X', '0'].map((char) => char.repeat(length)));
  const all = [masked, ...formats, ...filled, shapeOf(original)].filter((one) => one !== undefined);
  return all.filter((one) => one !== original);
}

function fillLengths(minLength: unknown, maxLength: unknown): readonly number[] {
  if (typeof minLength !== 'number' || typeof maxLength !== 'number') return [];
  const least = Math.max(0, Math.ceil(minLength));
  const most = Math.min(maxFilled, Math.floor(maxLength));
  return [Math.max(least, Math.min(8, most)), least].filter((length) => length <= maxFilled);
}

/** `AB-12` is `XX-00`. */
function shapeOf(original: string): string | undefined {
  if (original.length > shapeLimit || !/^[A-Za-z0-9 _.:/@+()-]*$/.test(original)) return undefined;
  return original.replaceAll(/[a-z]/g, 'x').replaceAll(/[A-Z]/g, 'X').replaceAll(/\d/g, '0');
}

/** What may stand for a masked number. */
export function numberStandIns(schemas: readonly JsonObject[], masked: number, original: number): readonly number[] {
  const bounds = schemas.flatMap(({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }) => {
    const limits = [minimum, maximum, plus(exclusiveMinimum, 1), plus(exclusiveMaximum, -1)];
    const numbers = limits.filter((limit) => typeof limit === 'number');
    if (typeof multipleOf !== 'number' || multipleOf <= 0) return numbers;
    return [multipleOf, ...numbers.map((limit) => Math.ceil(limit / multipleOf) * multipleOf), ...numbers];
  });
  return [masked, 0, 1, ...bounds].filter((one) => one !== original && Number.isFinite(one));
}

function plus(limit: unknown, step: number): number | undefined {
  return typeof limit === 'number' ? limit + step : undefined;
}
