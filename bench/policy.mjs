// What policy costs: judging one call by plain rules, by conditions (arguments read anew), by both levels; compiling;
// and the memory and time that the interpreter of conditions takes once it is loaded. Prints a table, fails where a
// target is missed. CPU time of this thread; the median of several rounds.
//   node --conditions=source bench/policy.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseExactJson } from '../packages/protocol/src/index.ts';
import { compileBundle, decide, loadConditions } from '../packages/policy/src/index.ts';

const targetsUs = { plain: 0.5, conditions: 50 };
const targetRssMb = 12;
const rounds = 9;
const rules = 10;

function payloadOf(more) {
  return {
    v: 1,
    workload: 'tachograph://bench/team/files',
    version: 1,
    issuedAt: '',
    notAfter: '',
    default: 'allow',
    masking: {},
    durabilityFloor: 'node',
    ...more,
  };
}

function plainRules(cluster) {
  return Array.from({ length: rules }, (_, index) => ({
    policy: 'team/main',
    name: `rule-${index}`,
    who: { groups: [`group-${index}`] },
    what: { tools: [`delete_${index}*`, `drop_${index}`] },
    verdict: 'deny',
    ...(cluster ? { cluster: true } : {}),
  }));
}

/** None of them is true, so that all ten are asked. */
function conditionalRules() {
  const terms = [
    'call.arguments.amount > 1000000',
    'call.arguments.path.startsWith("/etc/") && !("ops" in caller.groups)',
    'call.arguments.path.matches("^/(root|boot)/") && call.arguments.amount > 5',
    'caller.type == "workload" && caller.issuer != "https://idp.example"',
    'call.arguments.tags.exists(tag, tag == "forbidden")',
    'has(call.arguments.force) && call.arguments.force == true',
    'time.getHours() > 24 || time.getDayOfWeek() > 7',
    'server.namespace == "production" && call.arguments.amount > 10',
    'call.name == "pay" && call.arguments.currency != "EUR"',
    'call.arguments.to.endsWith(".example") && call.arguments.to.size() > 200',
  ];
  return terms.map((when, index) => ({ policy: 'team/main', name: `when-${index}`, when, verdict: 'deny' }));
}

const message = JSON.stringify({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: {
    name: 'transfer',
    arguments: {
      amount: 4200,
      currency: 'EUR',
      path: '/srv/data/reports/2026/november.csv',
      to: 'accounting@team.example',
      tags: ['monthly', 'report', 'finance', 'internal'],
      note: 'Transfer of the monthly amount as agreed with the accounting department. '.repeat(4),
    },
  },
});

function callOf() {
  return {
    method: 'tools/call',
    tool: 'transfer',
    subject: 'alice',
    subjectType: 'human',
    groups: ['dev', 'finance'],
    clientId: 'cursor',
    issuer: 'https://idp.example',
    timeMs: Date.UTC(2026, 10, 21, 12),
    readArguments: () => parseExactJson(message).params.arguments,
  };
}

/** Microseconds of CPU for one run. */
function measure(once, count) {
  for (let index = 0; index < count; index += 1) once();
  const figures = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.threadCpuUsage();
    for (let index = 0; index < count; index += 1) once();
    const { user, system } = process.threadCpuUsage(before);
    figures.push((user + system) / count);
  }
  return figures.toSorted((a, b) => a - b)[Math.floor(rounds / 2)];
}

async function run() {
  const conditions = await loadConditions();
  const plain = compileBundle(payloadOf({ rules: plainRules(false) }));
  const both = compileBundle(payloadOf({ rules: [...plainRules(true), ...plainRules(false)] }));
  const conditional = compileBundle(payloadOf({ rules: conditionalRules() }), conditions);
  const decision = decide(conditional, callOf());
  if (decision.verdict !== 'allow')
    throw new Error(`expected no condition to be true, got ${JSON.stringify(decision)}`);
  const call = callOf();
  const figures = {
    plain: measure(() => decide(plain, call), 200_000),
    bothLevels: measure(() => decide(both, call), 200_000),
    conditions: measure(() => decide(conditional, callOf()), 10_000),
    readArguments: measure(() => parseExactJson(message), 50_000),
  };
  const memory = await measureMemory();
  const rows = [
    ['ten rules without conditions', `${figures.plain.toFixed(2)} us`, `<= ${targetsUs.plain} us`],
    ['ten rules in each of both levels', `${figures.bothLevels.toFixed(2)} us`, ''],
    [
      `ten rules with conditions, a call of ${message.length} bytes`,
      `${figures.conditions.toFixed(1)} us`,
      `<= ${targetsUs.conditions} us`,
    ],
    ['  of that, its arguments read with exact integers', `${figures.readArguments.toFixed(1)} us`, ''],
    ['the interpreter of conditions: memory once loaded', `${memory.rssMb.toFixed(1)} MB`, `<= ${targetRssMb} MB`],
    ['  and time to load it and ten conditions', `${memory.loadedMs.toFixed(0)} ms`, ''],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const [what, figure, target] of rows) {
    process.stdout.write(`${what.padEnd(widths[0])}  ${figure.padStart(widths[1])}  ${target}\n`);
  }
  const missed =
    figures.plain > targetsUs.plain || figures.conditions > targetsUs.conditions || memory.rssMb > targetRssMb;
  process.exitCode = missed ? 1 : 0;
}

/** In a process of its own, bundled as the sidecar is: the interpreter is a file beside it. */
async function measureMemory() {
  const { build } = await import('esbuild');
  const outdir = mkdtempSync(join(tmpdir(), 'policy-bench-'));
  try {
    await build({
      entryPoints: [fileURLToPath(import.meta.url)],
      outdir,
      outExtension: { '.js': '.mjs' },
      external: ['esbuild'],
      bundle: true,
      splitting: true,
      minifyWhitespace: true,
      minifySyntax: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      conditions: ['source'],
      logLevel: 'error',
      banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    });
    const program = join(outdir, 'policy.mjs');
    return JSON.parse(execFileSync(process.execPath, ['--expose-gc', program, '--memory'], { encoding: 'utf8' }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function printMemory() {
  globalThis.gc();
  const before = process.memoryUsage.rss();
  const startedMs = performance.now();
  const bundle = compileBundle(payloadOf({ rules: conditionalRules() }), await loadConditions());
  decide(bundle, callOf());
  const loadedMs = performance.now() - startedMs;
  globalThis.gc();
  process.stdout.write(JSON.stringify({ rssMb: (process.memoryUsage.rss() - before) / 1e6, loadedMs }));
}

if (process.argv.includes('--memory')) await printMemory();
else await run();
