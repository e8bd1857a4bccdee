/** Readers of single fields: absent or mistyped is `undefined` or empty, never a throw. */
import { isObject, type Json } from './transport.ts';

export function objectAt(from: Json, key: string): Json {
  const value = from[key];
  return isObject(value) ? value : {};
}

export function textAt(from: Json, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(from: Json, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' ? value : undefined;
}

export function flagAt(from: Json, key: string): boolean {
  return from[key] === true;
}

export function objectsAt(from: Json, key: string): readonly Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textsAt(from: Json, key: string): readonly string[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** String values of a map such as labels. */
export function mapAt(from: Json, key: string): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(from, key));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
