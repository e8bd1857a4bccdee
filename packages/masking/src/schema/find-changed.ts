import { isObject, memberOf } from './json-values.ts';

/** The arrays and objects of `value` in which something is not as in `was`. Messages are at most 128 deep (`maskLimits`). */
export function findChanged(value: unknown, was: unknown): ReadonlySet<unknown> {
  const changed = new Set<unknown>();
  compare(value, was, changed);
  return changed;
}

function compare(value: unknown, was: unknown, changed: Set<unknown>): boolean {
  const isChanged = Array.isArray(value)
    ? compareArrays(value, was, changed)
    : isObject(value)
      ? compareObjects(value, was, changed)
      : value !== was;
  if (isChanged) changed.add(value);
  return isChanged;
}

function compareArrays(value: readonly unknown[], was: unknown, changed: Set<unknown>): boolean {
  const before: readonly unknown[] = Array.isArray(was) ? was : [];
  let isChanged = !Array.isArray(was) || before.length !== value.length;
  for (const [index, item] of value.entries()) isChanged = compare(item, before[index], changed) || isChanged;
  return isChanged;
}

function compareObjects(value: Readonly<Record<string, unknown>>, was: unknown, changed: Set<unknown>): boolean {
  const before = isObject(was) ? was : {};
  const names = Object.keys(value);
  let isChanged = !isObject(was) || names.length !== Object.keys(before).length;
  for (const name of names) isChanged = compare(value[name], memberOf(before, name), changed) || isChanged;
  return isChanged;
}
