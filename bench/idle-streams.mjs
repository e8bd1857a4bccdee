// What idle event streams cost the sidecar: real processes on loopback.
//   node bench/idle-streams.mjs [--streams 1000] [--rounds 2] [--json]
// Each stream is a session of its own: `initialize`, then a GET that stays open. In every round the server sends each of
// them one comment, as keep-alives do. Exits with 1 when the sidecar ends above the budget.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startContenders, stopContenders } from './contenders.mjs';
import { writeCredentials } from './credentials.mjs';
import { peakRssMbOf, rssMbOf } from './process-usage.mjs';

const budgetMb = 150;
const { values: options } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});

/** Streams that are opened at once: a client's connections come one by one too. */
const atOnce = 50;

function send(port, { method, headers, body }, agent) {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/mcp', method, headers, agent });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'idle', version: '1' } },
});

async function openStream(port, { token, agent }) {
  const authorization = `Bearer ${token}`;
  const accept = 'application/json, text/event-stream';
  const common = { authorization, accept, 'content-type': 'application/json' };
  const opened = await send(port, { method: 'POST', headers: common, body: initialize }, agent);
  opened.resume();
  await once(opened, 'end');
  const session = { 'mcp-session-id': opened.headers['mcp-session-id'] };
  const headers = { authorization, accept: 'text/event-stream', ...session };
  const stream = await send(port, { method: 'GET', headers }, agent);
  if (stream.statusCode !== 200) throw new Error(`expected 200 to GET, got ${stream.statusCode}`);
  return stream;
}

async function openStreams(port, credentials) {
  const streams = [];
  const heard = { comments: 0, closed: 0 };
  const count = Number(options.streams);
  while (streams.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - streams.length) }, () => openStream(port, credentials));
    for (const stream of await Promise.all(some)) {
      stream.on('data', (chunk) => (heard.comments += chunk.toString().split(': keep-alive\n\n').length - 1));
      stream.on('close', () => (heard.closed += 1));
      stream.on('error', () => undefined);
      streams.push(stream);
    }
  }
  return { streams, heard };
}

async function until(what, holds) {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited a minute in vain for ${what}`);
}

/** Idle is what comes after: the sidecar gives memory back in quiet moments, every five seconds at most. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 11_000));

async function measure(directory, backend) {
  const [{ port: backendPort }] = await once(backend, 'message');
  const credentials = writeCredentials(directory);
  const only = ['+record process'];
  const contenders = await startContenders({ backendPort, directory, ...credentials }, { only });
  const { child, port } = contenders.find(({ contender }) => contender === 'tachograph');
  try {
    const idleMb = rssMbOf(child.pid);
    const agent = new Agent({ maxSockets: Infinity });
    const { streams, heard } = await openStreams(port, { token: credentials.token, agent });
    await settle();
    const rows = [{ when: 'open', rssMb: rssMbOf(child.pid) }];
    for (let round = 1; round <= Number(options.rounds); round += 1) {
      backend.send('keep-alive');
      await until('every comment', () => heard.comments >= round * streams.length);
      await settle();
      rows.push({ when: `after round ${round}`, rssMb: rssMbOf(child.pid) });
    }
    const result = { streams: streams.length, closedEarly: heard.closed, idleMb, peakMb: peakRssMbOf(child.pid), rows };
    for (const stream of streams) stream.destroy();
    agent.destroy();
    return result;
  } finally {
    await stopContenders(contenders);
  }
}

function print({ streams, closedEarly, idleMb, peakMb, rows }) {
  const last = rows.at(-1).rssMb;
  console.log(`${streams} idle streams, ${closedEarly} of them closed early`);
  console.log(`  before            ${idleMb.toFixed(0)} MB`);
  for (const { when, rssMb } of rows) console.log(`  ${when.padEnd(17)} ${rssMb.toFixed(0)} MB`);
  console.log(`  peak              ${peakMb.toFixed(0)} MB`);
  console.log(`  a stream          ${(((last - idleMb) * 1024) / streams).toFixed(1)} kB`);
}

const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'tachograph-streams-'));
const backend = fork(join(import.meta.dirname, 'stream-backend.mjs'), { stdio: 'inherit' });
try {
  const result = await measure(directory, backend);
  if (options.json) console.log(JSON.stringify(result));
  else print(result);
  const isKept = result.closedEarly === 0 && result.rows.every(({ rssMb }) => rssMb <= budgetMb);
  console.log(isKept ? `within ${budgetMb} MB` : `not within ${budgetMb} MB with every stream open`);
  process.exitCode = isKept ? 0 : 1;
} finally {
  backend.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
}
