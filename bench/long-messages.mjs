// How long the sidecar's event loop stands still for long answers and requests, and what memory they take.
// node bench/long-messages.mjs (after `make bundle`)
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBundle } from '../packages/sidecar/src/testing/open-bundle.ts';

const root = join(import.meta.dirname, '..');
// Escaping makes 14 MB of rows an answer of nearly 16 MiB.
const sizesKb = [16, 64, 256, 1024, 4096, 8192, 14_336];
const bundle = process.env.TACHO_BENCH_BUNDLE ?? join(root, 'out/bundle/tachograph-sidecar.mjs');
const dir = mkdtempSync(join(tmpdir(), 'tacho-long-'));

const row = (id) => ({
  id,
  url: `https://api.example.com/users/${id}`,
  body: `Some description of item ${id}.`,
  n: id * 17,
});

function rowsOf(kb) {
  const count = Math.ceil((kb * 1024) / (JSON.stringify(row(1000)).length + 9));
  return JSON.stringify(Array.from({ length: count }, (_, id) => row(id)));
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const upstream = createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks));
    const result = { content: [{ type: 'text', text: rowsOf(params.arguments.answerKb) }] };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
});
writeFileSync(join(dir, 'policy.json'), JSON.stringify(openBundle));
const [port, admin, upstreamPort] = [await freePort(), await freePort(), await listen(upstream)];
const imageFlags = ['--max-semi-space-size=8', '--no-maglev-destroy-on-background'];
const preload = [...imageFlags, '--import', join(root, 'bench/loop-turns.mjs')];
const sidecar = spawn(process.execPath, [...preload, bundle], {
  stdio: ['ignore', 'ignore', 'pipe'],
  env: {
    PATH: process.env.PATH,
    MALLOC_ARENA_MAX: '1',
    TACHO_SPOOL: join(dir, 'spool'),
    TACHO_SPOOL_QUOTA: '1Gi',
    TACHO_CONTROLLER: 'off',
    TACHO_OFF: 'identity',
    TACHO_POLICY: join(dir, 'policy.json'),
    TACHO_LISTEN: `127.0.0.1:${port}`,
    TACHO_ADMIN: `127.0.0.1:${admin}`,
    TACHO_UPSTREAM: `http://127.0.0.1:${upstreamPort}`,
    TACHO_DURABILITY: 'process',
  },
});

const said = [];
sidecar.stderr.on('data', (chunk) => said.push(chunk.toString()));

async function longestTurnMs() {
  said.length = 0;
  sidecar.kill('SIGUSR2');
  await sleep(100);
  return Number(/turn ([\d.]+)/.exec(said.join(''))?.[1]);
}

function memoryMb(field) {
  const status = readFileSync(`/proc/${sidecar.pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
}

async function call(answerKb, requestKb) {
  const args = { answerKb, text: 'some text to send, '.repeat((requestKb * 1024) / 19) };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'q', arguments: args } });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers, body });
  if (!(await response.text()).includes('"result"')) throw new Error(`answered ${response.status} without a result`);
}

async function measure(answerKb, requestKb) {
  for (let n = 0; n < 3; n += 1) await call(answerKb, requestKb);
  await longestTurnMs();
  for (let n = 0; n < 5; n += 1) await call(answerKb, requestKb);
  const turnMs = await longestTurnMs();
  const what = answerKb > requestKb ? `answer of ${answerKb} KB` : `request of ${requestKb} KB`;
  console.log(`| ${what} | ${turnMs.toFixed(1)} | ${memoryMb('VmRSS')} | ${memoryMb('VmHWM')} |`);
}

async function ready() {
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await fetch(`http://127.0.0.1:${admin}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  throw new Error('the sidecar does not answer');
}

try {
  await ready();
  for (let n = 0; n < 50; n += 1) await call(1, 0);
  console.log('| 5 calls, one after another | CPU in one turn of the loop at most, ms | RSS, MB | peak, MB |');
  console.log(`| --- | --- | --- | --- |\n| before | | ${memoryMb('VmRSS')} | ${memoryMb('VmHWM')} |`);
  for (const kb of sizesKb) await measure(kb, 0);
  for (const kb of sizesKb) await measure(0, kb);
} finally {
  sidecar.kill('SIGTERM');
  upstream.close();
  upstream.closeAllConnections();
  await new Promise((resolve) => sidecar.once('close', resolve));
  rmSync(dir, { recursive: true, force: true });
}
