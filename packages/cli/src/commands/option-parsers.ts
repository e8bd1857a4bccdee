import { InvalidArgumentError } from 'commander';

/** RFC 3339 time, or a day, as RFC 3339. */
export function parseTimeOption(text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected YYYY-MM-DD or an RFC 3339 time');
  return new Date(ms).toISOString();
}

const dayMs = 86_400_000;

/** The end of a half-open time: a day counts in full. */
export function parseEndOption(text: string): string {
  const time = parseTimeOption(text);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(Date.parse(time) + dayMs).toISOString() : time;
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_557_600 };

/** `90s`, `15m`, `1h`, `30d`, `7y` in seconds. */
export function parseSecondsOption(text: string): number {
  const match = /^(\d{1,9})([smhdy])$/.exec(text);
  const unit = units[match?.[2] ?? ''];
  if (match === null || unit === undefined) throw new InvalidArgumentError('expected a number with s, m, h, d or y');
  return Number(match[1]) * unit;
}

/** A whole number from 1 to 256. */
export function parseParallelOption(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 256) throw new InvalidArgumentError('expected 1 to 256');
  return value;
}

/** Adds a value to an option that may be given several times. */
export function collectOption(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A factor above 0, up to a million. */
export function parseSpeedOption(text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 1e6) throw new InvalidArgumentError('expected a factor such as 1, 0.5 or 10');
  return value;
}

/** Whole megabytes from 16 to a million. */
export function parseMegabytesOption(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 16 || value > 1e6) throw new InvalidArgumentError('expected MB, 16 or more');
  return value;
}
