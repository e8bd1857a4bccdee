// The masker alone: MB/s of CPU on API JSON, source code and SQL rows, hostile texts, memory and cold load, beside
// others on the same texts. Prints tables, writes bench/masking-results.json, fails where a target is missed.
//   node bench/masking.mjs [--quick]    --quick: ours only
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const targets = { mbPerSecond: 25, hostileMbPerSecond: 1, growth: 2.3, rssMb: 16 * 1.048576, coldMs: 50 };
const coldRuns = 9;
const memoryRuns = 3;
/**
 * As the image sets them, for all contenders and the bare process. The young generation is given its full size from the
 * start: V8 lets it grow with what a process allocates, up to 24 MB, and that growth would be most of what is measured.
 */
const nodeFlags = [
  '--expose-gc',
  '--max-semi-space-size=8',
  '--no-maglev-destroy-on-background',
  '--min-semi-space-size=8',
  '--disable-warning=ExperimentalWarning',
];
const environment = { ...process.env, MALLOC_ARENA_MAX: '1' };

async function bundleMasker(directory) {
  await build({
    entryPoints: { masking: join(here, '../packages/masking/src/index.ts') },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // As in the image: what is loaded only when it is needed is a file of its own.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['source'],
    minify: true,
  });
  return join(directory, 'masking.mjs');
}

function measure(what, name, bundle) {
  const runner = join(here, 'masking-runner.mjs');
  const output = execFileSync(process.execPath, [...nodeFlags, runner, what, name, bundle], {
    encoding: 'utf8',
    env: environment,
  });
  return JSON.parse(output);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function measureRss(name, bundle) {
  return median(Array.from({ length: memoryRuns }, () => measure('memory', name, bundle).rssMb));
}

function measureContender(name, bundle, bareRssMb) {
  const colds = Array.from({ length: coldRuns }, () => measure('cold', name, bundle));
  return {
    speed: measure('speed', name, bundle),
    rssMb: measureRss(name, bundle) - bareRssMb,
    coldMs: median(colds.map(({ loadedMs }) => loadedMs)),
    coldCpuMs: median(colds.map(({ loadedCpuMs }) => loadedCpuMs)),
    firstAnswerMs: median(colds.map(({ firstAnswerMs }) => firstAnswerMs)),
  };
}

/** Loading is judged by CPU time, as speed is: wall time also measures what else the machine does. */
function missedTargets({ speed, rssMb, coldCpuMs }, hostile) {
  const slow = Object.entries(speed).filter(([, { mbPerSecond }]) => mbPerSecond < targets.mbPerSecond);
  const slowHostile = Object.entries(hostile).filter(
    ([, { mbPerSecond, growth }]) => mbPerSecond < targets.hostileMbPerSecond || growth > targets.growth,
  );
  return [
    ...[...slow, ...slowHostile].map(([key]) => key),
    ...(rssMb > targets.rssMb ? ['memory'] : []),
    ...(coldCpuMs > targets.coldMs ? ['cold load'] : []),
  ];
}

const digits = (value, count = 1) => value.toFixed(value >= 100 ? 0 : count);

function printResults({ contenders, hostile, missed }) {
  const keys = Object.keys(contenders.tachograph.speed);
  console.log(`| MB/s of CPU | ${keys.join(' | ')} | RSS over JSON.parse, MB | load, ms | load, ms of CPU |`);
  console.log(`|${' --- |'.repeat(keys.length + 4)}`);
  for (const [name, { speed, rssMb, coldMs, coldCpuMs }] of Object.entries(contenders)) {
    const speeds = keys.map((key) => digits(speed[key].mbPerSecond, 2));
    console.log(`| ${name} | ${speeds.join(' | ')} | ${digits(rssMb)} | ${digits(coldMs)} | ${digits(coldCpuMs)} |`);
  }
  console.log('\n| hostile text | MB/s | time at twice the length |\n| --- | --- | --- |');
  for (const [key, { mbPerSecond, growth }] of Object.entries(hostile)) {
    console.log(`| \`${key}\` | ${digits(mbPerSecond)} | × ${growth.toFixed(2)} |`);
  }
  console.log(missed.length === 0 ? '\nAll targets are met.' : `\nTargets missed: ${missed.join(', ')}`);
}

const directory = mkdtempSync(join(tmpdir(), 'tacho-bench-masking-'));
try {
  const bundle = await bundleMasker(directory);
  const bareRssMb = measureRss('bare', bundle);
  const names = ['redact-pii', '@secretlint preset-recommend', 'V8 RegExp, token rules only'];
  const measured = ['tachograph', ...(options.quick ? [] : names)];
  const contenders = Object.fromEntries(measured.map((name) => [name, measureContender(name, bundle, bareRssMb)]));
  const hostile = measure('hostile', 'tachograph', bundle);
  const missed = missedTargets(contenders.tachograph, hostile);
  const results = { node: process.version, cpu: cpus()[0]?.model, targets, contenders, hostile, missed };
  printResults(results);
  if (!options.quick) writeFileSync(join(here, 'masking-results.json'), `${JSON.stringify(results, null, 2)}\n`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}
