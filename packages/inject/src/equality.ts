/** Comparison of objects that the API server may have completed and reordered meanwhile. */

export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equal as JSON, where `null` and absent are the same and key order does not matter. */
export function isSame(one: unknown, other: unknown): boolean {
  return firstDifference(one, other) === undefined;
}

/** JSON pointer of the first place at which two values differ; `undefined`: nowhere. */
export function firstDifference(one: unknown, other: unknown, at = ''): string | undefined {
  if (Array.isArray(one) && Array.isArray(other)) return arrayDifference(one, other, at);
  if (isPlain(one) && isPlain(other)) return objectDifference(one, other, at);
  return (one ?? undefined) === (other ?? undefined) ? undefined : at;
}

function arrayDifference(one: readonly unknown[], other: readonly unknown[], at: string): string | undefined {
  if (one.length !== other.length) return at;
  return one.map((item, index) => firstDifference(item, other[index], `${at}/${index}`)).find((it) => it !== undefined);
}

function objectDifference(one: Plain, other: Plain, at: string): string | undefined {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].map((key) => firstDifference(one[key], other[key], `${at}/${key}`)).find((it) => it !== undefined);
}

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A Kubernetes quantity as a number; `undefined` when the text is none. */
export function quantity(text: unknown): number | undefined {
  if (typeof text !== 'string' && typeof text !== 'number') return undefined;
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(text)) ?? [];
  const factor = suffixes[suffix];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** `512Mi` and `0.5Gi` are the same quantity: the API server writes its own form. */
export function isSameQuantity(one: unknown, other: unknown): boolean {
  const [a, b] = [quantity(one), quantity(other)];
  return a !== undefined && b !== undefined && Math.abs(a - b) < 1e-9 * Math.max(1, a);
}
