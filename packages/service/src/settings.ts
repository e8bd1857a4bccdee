/** A setting that cannot be used: the process must not start. Names the setting, its value and what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'setting_invalid';

  constructor(setting: string, value: string | undefined, expected: string) {
    const got = value === undefined ? 'is not set' : `is ${JSON.stringify(value)}`;
    super(`setting ${setting} ${got}; expected ${expected}`);
  }
}

/** A process's variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Typed reading of settings; every reader throws `SettingsError` on a bad value. Empty text counts as unset. */
export interface SettingsReader {
  text(name: string): string | undefined;
  required(name: string, expected: string): string;
  /** Whole number within the bounds. */
  integer(name: string, fallback: number, bounds: { readonly min: number; readonly max: number }): number;
  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T;
  flag(name: string, fallback: boolean): boolean;
  /** `500ms`, `30s`, `15m`, `1h` as milliseconds. */
  durationMs(name: string, fallbackMs: number): number;
  /** `512`, `64Ki`, `256Mi`, `1Gi` as bytes. */
  bytes(name: string, fallbackBytes: number): number;
  list(name: string): readonly string[];
  /** Reads with a parser that returns `undefined` for what it refuses. */
  parsed<T>(name: string, expected: string, parse: (text: string) => T | undefined): T | undefined;
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const byteUnits: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** `30s` as milliseconds; `undefined` when the text is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (durationUnits[unit] ?? Number.NaN);
}

/** `64Mi` as bytes; `undefined` when the text is no size. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (byteUnits[unit] ?? Number.NaN);
}

/** Reads from the given variables only. A faulty value is not noticed before its reader asks for it. */
export function createSettingsReader(environment: Environment): SettingsReader {
  const text = (name: string): string | undefined => environment[name] || undefined;
  const parsed = <T>(name: string, expected: string, parse: (value: string) => T | undefined): T | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const result = parse(value);
    if (result === undefined) throw new SettingsError(name, value, expected);
    return result;
  };
  return {
    text,
    parsed,
    required(name, expected) {
      const value = text(name);
      if (value === undefined) throw new SettingsError(name, undefined, expected);
      return value;
    },
    integer(name, fallback, { min, max }) {
      const within = (value: string): number | undefined => {
        const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
        return number >= min && number <= max ? number : undefined;
      };
      return parsed(name, `a whole number from ${min} to ${max}`, within) ?? fallback;
    },
    oneOf(name, allowed, fallback) {
      return parsed(name, `one of ${allowed.join(', ')}`, (value) => allowed.find((one) => one === value)) ?? fallback;
    },
    flag(name, fallback) {
      const values: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
      return parsed(name, 'true or false', (value) => values[value]) ?? fallback;
    },
    durationMs: (name, fallbackMs) =>
      parsed(name, 'a duration such as 500ms, 30s, 15m or 1h', parseDurationMs) ?? fallbackMs,
    bytes: (name, fallbackBytes) => parsed(name, 'a size such as 64Ki, 256Mi or 1Gi', parseBytes) ?? fallbackBytes,
    list: (name) =>
      (text(name) ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  };
}
