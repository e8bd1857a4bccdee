import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** A directory with `gitleaks.toml` and `betterleaks.toml` at the commits that NOTICE names; see there. */
const sources = process.env['TACHO_RULE_SOURCES'] ?? '';
const hasSources = existsSync(`${sources}/gitleaks.toml`) && existsSync(`${sources}/betterleaks.toml`);

function run(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', 'scripts/build-token-rules.mjs', ...args],
    { encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
}

test('the script says so where there is nothing to convert', () => {
  expect(run()).toEqual({ status: 0, output: 'no rule files given (--gitleaks, --betterleaks): nothing converted\n' });
});

test('the same rule files give the same bytes, where TACHO_RULE_SOURCES has them', () => {
  const files = ['--gitleaks', `${sources}/gitleaks.toml`, '--betterleaks', `${sources}/betterleaks.toml`];
  const { status, output } = run(...(hasSources ? files : []), '--check');
  expect(output).toMatch(hasSources ? /unchanged/ : /nothing converted/);
  expect(status).toBe(0);
});
