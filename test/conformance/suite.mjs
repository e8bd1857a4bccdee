// Runs the conformance suite from npm, and reads its verdicts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from '../../demo/processes.mjs';

const require = createRequire(import.meta.url);
export const suiteProgram = join(
  dirname(require.resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/** A whole server set takes half a minute on a busy machine, and the suite gives up each scenario after that. */
export const timeoutMs = 240_000;

/** Runs `conformance ARGS… -o DIR`. Returns the verdicts by scenario: `[{id, status}]`, as the suite wrote them down. */
export async function runSuite(args, directory, env = {}) {
  const kept = process.env.TACHO_SIDECAR === undefined ? {} : { TACHO_SIDECAR: process.env.TACHO_SIDECAR };
  const { code, stdout, stderr } = await run(
    suiteProgram,
    [...args, '-o', directory],
    { ...kept, ...env },
    { timeoutMs },
  );
  const verdicts = readVerdicts(directory);
  if (verdicts.size === 0) throw new Error(`the suite wrote no verdict: exit ${code}: ${stderr || stdout}`);
  return { code, verdicts };
}

const names = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);

/** Scenarios of a requirement set for clients, those that it does not score too. */
export async function clientScenarios(set) {
  const { stdout } = await run(suiteProgram, ['list', '--requirements', set]);
  const [, required = ''] = /Client scenarios[^\n]*\n((?: {2}- .*\n)*)/.exec(stdout) ?? [];
  return [...names(required, /- (\S+)\n/g), ...names(stdout, /- (\S+) \[client\]/g)];
}

/** What the suite wrote down in a directory. */
export function readVerdicts(directory) {
  const verdicts = new Map();
  if (!existsSync(directory)) return verdicts;
  const files = readdirSync(directory, { recursive: true }).filter((name) => name.endsWith('checks.json'));
  for (const file of files) {
    const scenario = dirname(file)
      .replace(/^(server|client)-/, '')
      .replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    const checks = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    verdicts.set(
      scenario,
      checks.map(({ id, status, errorMessage }) => ({ id, status, errorMessage })),
    );
  }
  return verdicts;
}
