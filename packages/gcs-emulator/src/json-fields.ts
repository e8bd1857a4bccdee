import { EmulatorError } from './emulator-error.ts';

/** A JSON object whose fields are not yet known. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws 400 `invalid` for anything but a JSON object. */
export function parseFields(value: unknown, where: string): Fields {
  if (isFields(value)) return value;
  throw new EmulatorError('invalid', `Invalid value for: ${where}: expected an object`, { location: where });
}

/** Parses JSON text that a client sent; anything but an object is 400 `parseError`. */
export function parseJsonObject(text: string): Fields {
  const value = parseJson(text === '' ? '{}' : text);
  if (isFields(value)) return value;
  throw new EmulatorError('parseError', 'Parse Error');
}

/** Undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
