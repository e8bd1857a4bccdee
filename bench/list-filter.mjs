// What filtering a tools/list of 50 tools costs beside plain http-proxy relaying it:
//   node bench/list-filter.mjs [--rounds 3] [--seconds 3]      (budget: 2.5 times the CPU of http-proxy)
import { createServer, Agent, request } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startContenders, stopContenders } from './contenders.mjs';
import { writeCredentials } from './credentials.mjs';
import { cpuUsOf } from './process-usage.mjs';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' } },
});
const connections = 8;
const warmUpMs = 2500;
const only = ['relay', '+masking', '+record process', '+record node'];

/** Fifty tools as servers describe them: a sentence or two, and a schema of some fields. About 40 KB. */
const tools = Array.from({ length: 50 }, (_, index) => ({
  name: `tool-${index}`,
  title: `Tool number ${index}`,
  description: `Reads rows of table ${index} that match a filter. Returns at most as many rows as the limit says, newest first.`,
  inputSchema: {
    type: 'object',
    required: ['filter'],
    properties: Object.fromEntries(
      ['filter', 'limit', 'order', 'columns'].map((name) => [
        name,
        {
          type: 'string',
          description: `The ${name} of the query, as the documentation of table ${index} explains it.`,
        },
      ]),
    ),
  },
  annotations: { readOnlyHint: index % 2 === 0, openWorldHint: false },
}));

/** A list is answered from one text, so that the backend costs nothing. */
function startBackend() {
  const rest = JSON.stringify({ tools });
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (chunk) => (body += chunk));
    incoming.on('end', () => {
      const { id, method } = JSON.parse(body);
      const initialized = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'b', version: '1' } };
      const result = method === 'tools/list' ? rest : JSON.stringify(initialized);
      const text = `{"result":${result},"jsonrpc":"2.0","id":${id}}`;
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      response.writeHead(200, headers).end(text);
    });
  });
  server.keepAliveTimeout = 120_000;
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

let nextId = 0;

function list(agent, port, token) {
  nextId += 1;
  const body = JSON.stringify({ jsonrpc: '2.0', id: nextId, method: 'tools/list', params: {} });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
    'mcp-protocol-version': '2025-11-25',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', agent, headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function load(contender, token, ms) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { child, port } = contender;
  const before = cpuUsOf(child.pid);
  const endMs = performance.now() + ms;
  let calls = 0;
  const worker = async () => {
    while (performance.now() < endMs) {
      await list(agent, port, token);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return (cpuUsOf(child.pid) - before) / calls;
}

/** How many tools a caller is shown; every contender must show what its rung promises. */
async function shown(contender, token) {
  const text = await list(new Agent(), contender.port, token);
  return JSON.parse(text).result.tools.length;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(contenders, token) {
  for (const contender of contenders) {
    contender.shown = await shown(contender, token);
    await load(contender, token, warmUpMs);
    contender.cpuUs = [];
  }
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const contender of contenders) {
      contender.cpuUs.push(await load(contender, token, Number(options.seconds) * 1000));
    }
  }
}

function print(contenders) {
  const base = median(contenders[0].cpuUs);
  console.log('contender                    tools shown  CPU µs/list  ratio');
  for (const { contender, rung, shown: seen, cpuUs } of contenders) {
    const us = median(cpuUs);
    const name = `${contender} ${rung}`.padEnd(28);
    console.log(
      `${name} ${String(seen).padStart(11)}  ${us.toFixed(0).padStart(11)}  ${(us / base).toFixed(2).padStart(5)}`,
    );
  }
}

/** The policy of ordinary size, and a rule that hides one tool in five. */
function writePolicy(directory, policyFile) {
  const policy = JSON.parse(readFileSync(policyFile, 'utf8'));
  const rule = { policy: 'bench/lists', name: 'hidden', what: { tools: ['tool-*0', 'tool-*5'] }, verdict: 'deny' };
  const file = join(directory, 'list-policy.json');
  writeFileSync(file, JSON.stringify({ ...policy, default: 'allow', rules: [...policy.rules, rule] }));
  return file;
}

async function main() {
  const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'tachograph-lists-'));
  const backend = await startBackend();
  const credentials = writeCredentials(directory);
  const policyFile = writePolicy(directory, credentials.policyFile);
  const setup = { backendPort: backend.address().port, directory, ...credentials, policyFile };
  let contenders = [];
  try {
    contenders = await startContenders(setup, { only });
    const measured = contenders.filter(({ child }) => child !== undefined);
    await measure(measured, credentials.token);
    console.log(`50 tools, ${(JSON.stringify({ tools }).length / 1024).toFixed(0)} KB`);
    print(measured);
  } finally {
    await stopContenders(contenders);
    backend.close();
    backend.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
