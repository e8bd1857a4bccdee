import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const units: unknown = JSON.parse(readFileSync(new URL('../../../bench/hostile-texts.json', import.meta.url), 'utf8'));
const names = Object.keys(units ?? {});
const child = fileURLToPath(new URL('hostile-work-child.test-support.ts', import.meta.url));
const flags = ['--no-opt', '--no-maglev', '--no-sparkplug', '--conditions=source'];
const length = 12_000;

/** Blocks of code that run, and characters that patterns read: no clock, so the same on any machine. */
async function countWork(): Promise<ReadonlyMap<string, readonly [number, number]>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, String(length), ...names]);
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, [number, number]>));
}

describe('masking a text that is built to be slow', () => {
  const counted = countWork();

  test.each(names)('%s: twice the length is at most 2.1 times the work', async (name) => {
    const [single = 0, double = 0] = (await counted).get(name) ?? [];
    expect(single).toBeGreaterThan(length);
    expect(double / single).toBeLessThanOrEqual(2.1);
  });
});
