import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { commands } from './commands.ts';
import { runCli } from './testing/run-cli.ts';

const nothing = {
  env: {},
  out: () => undefined,
  err: () => undefined,
  progressStream: undefined,
  nowMs: () => 0,
  readStdin: () => Promise.resolve(''),
  stdin: async function* stdin() {},
  outReady: () => Promise.resolve(),
  ask: undefined,
  exit: () => undefined,
};

describe.each(commands.map((entry) => [entry.name, entry] as const))('tacho %s', (name, { load, summary }) => {
  test('is what the list of commands says', async () => {
    const program = new Command();
    (await load())(program, nothing);
    expect(program.commands.map((command) => [command.name(), command.description()])).toEqual([[name, summary]]);
  });

  test('shows its own help, also by tacho help', async () => {
    const own = await runCli([name, '--help']);
    expect(own.code).toBe(0);
    expect(own.out).toContain(`Usage: tacho ${name} `);
    expect(await runCli(['help', name])).toEqual(own);
  });
});

test('tacho --help names every command', async () => {
  const { code, out } = await runCli(['--help']);
  expect(code).toBe(0);
  for (const { name } of commands) expect(out).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
});

test('an unknown command is refused with the nearest one', async () => {
  const { code, err } = await runCli(['verfy']);
  expect(code).toBe(64);
  expect(err).toContain("unknown command 'verfy'");
  expect(err).toContain('Did you mean verify?');
});

test('tacho --help loads no command and no package of this repository', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const probe = fileURLToPath(new URL('testing/print-loaded.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', '--import', probe, main, '--help'], {
    encoding: 'utf8',
  });
  expect(stdout).toContain('Usage: tacho');
  const loaded = stderr.split('\n').filter((url) => url.includes('/packages/'));
  expect(loaded.map((url) => url.replace(/^.*\/packages\//, ''))).toEqual(
    expect.arrayContaining(['cli/src/main.ts', 'cli/src/app.ts', 'cli/src/commands.ts']),
  );
  expect(loaded.filter((url) => !/\/cli\/src\/[\w-]+\.ts$/.test(url))).toEqual([]);
});
