// What the complete sidecar adds for a real client in front of a real server: the Inspector's `--load` on
// server-everything, direct and through, interleaved in one run.
//   node bench/inspector-load.mjs [--rounds 3] [--requests 300] [--concurrency 8] [--json]
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { programs } from '../demo/installation.mjs';
import { answers, createProcesses, freePort, run, until } from '../demo/processes.mjs';
import { startContenders, stopContenders } from './contenders.mjs';
import { writeCredentials } from './credentials.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '300' },
    concurrency: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
});

const rungs = ['+record process', '+record node'];

async function startEverything(processes) {
  const port = await freePort();
  processes.start('everything', programs.everything, { args: ['streamableHttp'], env: { PORT: String(port) } });
  await until('server-everything', () => answers(`http://127.0.0.1:${port}/mcp`));
  return port;
}

/** The bench's ten rules know the bench's tools; here every tool may be called. */
function allowAll(policyFile) {
  const policy = JSON.parse(readFileSync(policyFile, 'utf8'));
  writeFileSync(policyFile, JSON.stringify({ ...policy, default: 'allow' }));
}

/** One load test in a process of its own: what the Inspector prints. */
async function load(port, token) {
  const call = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=hello'];
  const much = ['--load', '--load-requests', options.requests, '--load-concurrency', options.concurrency];
  const header = ['--header', `Authorization: Bearer ${token}`];
  const url = `http://127.0.0.1:${port}/mcp`;
  const { code, stdout, stderr } = await run(programs.inspector, [
    '--cli',
    url,
    '--transport',
    'http',
    ...header,
    ...call,
    ...much,
  ]);
  if (code !== 0) throw new Error(`the Inspector ended with ${code}: ${stderr.slice(-500)}`);
  const result = JSON.parse(stdout);
  if (result.ok !== Number(options.requests)) throw new Error(`${result.ok} of ${options.requests} calls went well`);
  return result;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function toRow(name, results) {
  const of = (read) => median(results.map(read));
  return {
    name,
    p50Ms: of(({ latencyMs }) => latencyMs.p50),
    p99Ms: of(({ latencyMs }) => latencyMs.p99),
    callsPerS: of(({ throughput }) => throughput),
  };
}

function print(rows) {
  const [direct] = rows;
  console.log('| contender | p50 ms | added | p99 ms | added | calls/s |\n|---|---|---|---|---|---|');
  for (const { name, p50Ms, p99Ms, callsPerS } of rows) {
    const added = (ms, base) => (name === direct.name ? '' : (ms - base).toFixed(1));
    const cells = [name, p50Ms.toFixed(1), added(p50Ms, direct.p50Ms), p99Ms.toFixed(1), added(p99Ms, direct.p99Ms)];
    console.log(`| ${cells.join(' | ')} | ${callsPerS.toFixed(0)} |`);
  }
}

async function measure(directory, processes) {
  const backendPort = await startEverything(processes);
  const credentials = writeCredentials(directory);
  allowAll(credentials.policyFile);
  const started = await startContenders({ backendPort, directory, ...credentials }, { only: rungs });
  try {
    const results = new Map(started.map((one) => [one, []]));
    // One for each, whose figures nobody counts.
    for (const one of started) await load(one.port, credentials.token);
    for (let round = 0; round < Number(options.rounds); round += 1) {
      for (const one of started) results.get(one).push(await load(one.port, credentials.token));
    }
    return started.map((one) => toRow(`${one.contender} ${one.rung}`.trim(), results.get(one)));
  } finally {
    await stopContenders(started);
  }
}

const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'tachograph-inspector-'));
const processes = createProcesses(directory);
try {
  const rows = await measure(directory, processes);
  if (options.json) console.log(JSON.stringify(rows));
  else print(rows);
} finally {
  await processes.stopAll();
  rmSync(directory, { recursive: true, force: true });
}
