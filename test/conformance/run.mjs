// `make conformance`: the suite direct and through the sidecar, verdict by verdict, and messages on the wire = recorded.
//   node test/conformance/run.mjs [--short] [--only server-2025-11-25,…] [--scenario NAME] [--json] [--keep]
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createProcesses, freePort, run, until } from '../../demo/processes.mjs';
import { authorizationVerdicts } from './authorization.mjs';
import { compareVerdicts } from './compare.mjs';
import { addCounts, countMessages } from './count.mjs';
import { writeIdentity } from './identity.mjs';
import { printReport } from './report.mjs';
import { isListening, startThrough } from './sidecar.mjs';
import { clientScenarios, runSuite, timeoutMs } from './suite.mjs';

const sets = ['2025-11-25', '2026-07-28'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    scenario: { type: 'string' },
    short: { type: 'boolean' },
    json: { type: 'boolean' },
    keep: { type: 'boolean' },
  },
});

async function startFixture(bench) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixture/server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  bench.children.push(child);
  const line = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(text.toString()));
    child.once('exit', (code) => reject(new Error(`the fixture ended with ${code}`)));
  });
  return Number(new URL(JSON.parse(line).url).port);
}

/** `localhost`: the suite’s check of DNS rebinding takes no other name. */
const suiteUrl = (port) => `http://localhost:${port}/mcp`;

async function serverMode(bench, set) {
  const name = `server-${set}`;
  const args = (port) => ['server', '--url', suiteUrl(port), '--requirements', set];
  const direct = await runSuite(args(await startFixture(bench)), join(bench.directory, `${name}-direct`));
  const serverPort = await startFixture(bench);
  const { processes, directory, identity } = bench;
  const through = await startThrough({ processes, directory, identity, serverPort, token: identity.token, name });
  const other = await runSuite(args(through.port), join(directory, `${name}-through`));
  return {
    name,
    exit: { direct: direct.code, through: other.code },
    rows: compareVerdicts(direct.verdicts, other.verdicts),
    counts: countMessages(await through.stop()),
  };
}

const client = `node ${join(import.meta.dirname, 'client/client.mjs')}`;
const wrapped = (seen) => `node ${join(import.meta.dirname, 'client/wrap.mjs')} ${seen} ${client}`;

/** Sidecars that start at once; the suite itself would start one for every scenario. */
const atOnce = 3;

async function runClients(scenarios, set, command, directory) {
  const verdicts = new Map();
  const left = [...scenarios];
  const worker = async () => {
    for (let scenario = left.shift(); scenario !== undefined; scenario = left.shift()) {
      const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', set, '--force'];
      const one = await runSuite(args, join(directory, scenario.replaceAll('/', '-')));
      for (const checks of one.verdicts.values()) verdicts.set(scenario, checks);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return verdicts;
}

/** In short, one login of each kind: the others differ in what the client must refuse, and pass the sidecar alike. */
const shortLogins = new Set(['auth/metadata-default', 'auth/scope-step-up', 'auth/dpop-nonce', 'auth/basic-cimd']);

function isWanted(scenario) {
  if (options.scenario !== undefined) return scenario === options.scenario;
  return options.short !== true || !scenario.startsWith('auth/') || shortLogins.has(scenario);
}

async function clientMode(bench, set) {
  const name = `client-${set}`;
  const at = (way) => join(bench.directory, `${name}-${way}`);
  const scenarios = (await clientScenarios(set)).filter(isWanted);
  const direct = await runClients(scenarios, set, client, at('direct'));
  const through = await runClients(scenarios, set, wrapped(at('seen')), at('through'));
  const files = globSync(join(at('seen'), '*/seen.json'));
  const counts = files.map((file) => countMessages(JSON.parse(readFileSync(file, 'utf8'))));
  return { name, rows: compareVerdicts(direct, through), counts: addCounts(counts) };
}

const tour = join(import.meta.dirname, 'client/tour.mjs');

/** What a client of every feature saw, stop by stop, as verdicts: a stop is one check, and what it saw its id. */
async function visit(transport, port) {
  const url = `http://localhost:${port}/${transport === 'sse' ? 'sse' : 'mcp'}`;
  const { code, stdout, stderr } = await run(tour, [transport, url], {}, { timeoutMs });
  const stops = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  if (code !== 0) stops.push({ stop: 'end', saw: `failed: ${stderr.slice(0, 500)}` });
  const verdicts = stops.map(({ stop, saw }) => {
    const id = JSON.stringify(saw);
    return [stop, [{ id, status: id.startsWith('"failed: ') ? 'FAILURE' : 'SUCCESS', errorMessage: undefined }]];
  });
  return { code, verdicts: new Map(verdicts) };
}

async function startEverything(bench, transport) {
  const port = await freePort();
  const directory = dirname(
    createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json'),
  );
  const env = { PORT: String(port) };
  bench.processes.start(`everything-${port}`, join(directory, 'dist/index.js'), { args: [transport], env });
  await until('server-everything', () => isListening(port));
  return port;
}

async function tourMode(bench, transport) {
  const name = `tour-${transport}`;
  const direct = await visit(transport, await startEverything(bench, transport));
  const serverPort = await startEverything(bench, transport);
  const { processes, directory, identity } = bench;
  const through = await startThrough({ processes, directory, identity, serverPort, token: identity.token, name });
  const other = await visit(transport, through.port);
  return {
    name,
    exit: { direct: direct.code, through: other.code },
    rows: compareVerdicts(direct.verdicts, other.verdicts),
    counts: countMessages(await through.stop()),
  };
}

/** There is one way to it here: forwarded by the sidecar. So nothing may fail, and nothing is compared. */
async function authorizationMode(bench) {
  const { code, verdicts } = await authorizationVerdicts(bench.directory);
  const rows = compareVerdicts(verdicts, verdicts).map((row) => ({
    ...row,
    direct: undefined,
    equal: row.errors.length === 0,
  }));
  return { name: 'authorization', exit: { direct: 0, through: code }, rows };
}

const modes = new Map([
  ...sets.map((set) => [`server-${set}`, (bench) => serverMode(bench, set)]),
  ...sets.map((set) => [`client-${set}`, (bench) => clientMode(bench, set)]),
  ['authorization', authorizationMode],
  ...['streamableHttp', 'sse'].map((transport) => [`tour-${transport}`, (bench) => tourMode(bench, transport)]),
]);

function createBench() {
  const directory = mkdtempSync(join(tmpdir(), 'tachograph-conformance-'));
  mkdirSync(join(directory, 'logs'));
  const processes = createProcesses(join(directory, 'logs'));
  return { directory, processes, children: [], identity: writeIdentity(directory) };
}

async function main() {
  const bench = createBench();
  const results = [];
  try {
    const names = options.only?.split(',') ?? [...modes.keys()];
    for (const name of names) results.push(await modes.get(name)(bench));
  } finally {
    await bench.processes.stopAll();
    for (const child of bench.children) child.kill('SIGTERM');
  }
  const isPassed = printReport(results, { json: options.json === true });
  if (isPassed && options.keep !== true) rmSync(bench.directory, { recursive: true, force: true });
  else console.error(`verdicts, spools and logs: ${bench.directory}`);
  process.exitCode = isPassed ? 0 : 1;
}

await main();
