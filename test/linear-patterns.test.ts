import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkSync } from 'recheck';

/**
 * Every regular expression that the masker ships is checked by recheck (`masking.md` §3.3). It must not find one that takes
 * more than linear time, but for those below, which are given short texts only. What it cannot decide (look-ahead, back
 * references, large alternatives) is bounded by the length of what it is given too; `make bench-masking` measures that.
 */
const givenShortTexts: readonly string[] = [
  // One line of a table, at most 2,048 characters.
  String.raw`^[\s|+:=-]*-[\s|+:=-]*$`,
  // An IBAN's structure, from a table of ours.
  String.raw`(\d+)([nac])`,
  // An address, at most 45 characters.
  String.raw`^(.*:)([0-9.]+\.[0-9.]+)$`,
  // A name, at most 64 characters.
  String.raw`[^A-Za-z]+$`,
  String.raw`[A-Z]?[a-z]+$|[A-Z]+$`,
];

/** A regular expression of formatted source: it stands where a value may begin. */
const literal =
  /(?:^|[=(,:[!&|?{};>]|\breturn)\s*(\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/)([dgimsuvy]*)/gm;

interface Shipped {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

const files = globSync('packages/masking/src/**/*.ts').filter((file) => !/test|token-rules\.ts$/.test(file));
const shipped = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(literal)].map(({ 1: body = '', 2: flags = '', index }): Shipped => {
    const line = text.slice(0, index).split('\n').length;
    return { place: `${file}:${line}`, source: body.slice(1, -1), flags: flags.replaceAll(/[dgv]/g, '') };
  });
});

describe('the regular expressions of the masker', () => {
  test('are found in the sources', () => {
    expect(shipped.length).toBeGreaterThan(200);
    expect(shipped.map(({ source }) => source)).toContain(String.raw`^[a-z][a-z0-9-]{1,47}$`);
  });

  test('take linear time, as far as recheck can say', () => {
    const faults = shipped.flatMap(({ place, source, flags }) => {
      const { status } = checkSync(source, flags, { timeout: 400, checker: 'automaton' });
      return status === 'vulnerable' && !givenShortTexts.includes(source) ? [`${place} ${source}`] : [];
    });
    expect(faults).toEqual([]);
  });
});
