import { describe, expect, test } from '@jest/globals';
import { createSettingsReader, parseBytes, parseDurationMs } from './settings.ts';

describe('a settings reader', () => {
  const read = createSettingsReader({
    PORT: '8o80',
    IDLE: '15m',
    QUOTA: '256Mi',
    LEVEL: 'loud',
    EMPTY: '',
    LIST: 'a, b,,c',
  });

  test('names the setting, its value and what was expected', () => {
    expect(() => read.integer('PORT', 1, { min: 1, max: 65_535 })).toThrow(
      'setting PORT is "8o80"; expected a whole number from 1 to 65535',
    );
    expect(() => read.oneOf('LEVEL', ['info', 'debug'], 'info')).toThrow(
      'setting LEVEL is "loud"; expected one of info, debug',
    );
    expect(() => read.required('EMPTY', 'a directory')).toThrow('setting EMPTY is not set; expected a directory');
  });

  test('reads durations, sizes and lists', () => {
    expect(read.durationMs('IDLE', 0)).toBe(900_000);
    expect(read.bytes('QUOTA', 0)).toBe(268_435_456);
    expect(read.list('LIST')).toEqual(['a', 'b', 'c']);
  });

  test('falls back where nothing is set', () => {
    expect(read.durationMs('EMPTY', 7)).toBe(7);
    expect(read.flag('MISSING', true)).toBe(true);
  });
});

test.each(['', '5', 's', '1.5s', '-1s', '1 s'])('%p is no duration', (text) => {
  expect(parseDurationMs(text)).toBeUndefined();
});

test.each(['', 'Mi', '1MB', '1.5Gi', '-1Ki'])('%p is no size', (text) => {
  expect(parseBytes(text)).toBeUndefined();
});
