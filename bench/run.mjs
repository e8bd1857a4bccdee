// Direct, plain http-proxy, and our ladder, interleaved in one run:
//   node bench/run.mjs [--rounds 3] [--seconds 2] [--payloads 1KB,64KB,SSE] [--only "relay,+record node"] [--out FILE]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startContenders, stopContenders } from './contenders.mjs';
import { writeCredentials } from './credentials.mjs';
import { cpuUsOf, peakRssMbOf, resetPeak, rssMbOf } from './process-usage.mjs';
import { printTable, toResults } from './report.mjs';

const payloads = {
  '500B': { size: 200, stream: false },
  '1KB': { size: 900, stream: false },
  // With its envelope under 64 KiB: longer ones are masked in a thread (bench/long-messages.mjs).
  '64KB': { size: 63_800, stream: false },
  SSE: { size: 900, stream: true },
};
const connections = 16;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    payloads: { type: 'string', default: Object.keys(payloads).join(',') },
    only: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, 'results.json') },
    flags: { type: 'string', default: '' },
  },
});

function forkChild(file, args = []) {
  return fork(join(import.meta.dirname, file), args, { stdio: 'inherit' });
}

async function firstMessage(child) {
  const [message] = await once(child, 'message');
  return message;
}

async function generate(load, job) {
  const answer = firstMessage(load);
  load.send({ run: job });
  const { result, error } = await answer;
  if (error !== undefined) throw new Error(error);
  return result;
}

/** One measurement: load against one contender, and what its process spent on it. */
async function measure(load, contender, job) {
  const pid = contender.child?.pid;
  const before = pid === undefined ? 0 : cpuUsOf(pid);
  const result = await generate(load, { ...job, url: `http://127.0.0.1:${contender.port}/mcp` });
  const spentUs = pid === undefined ? 0 : cpuUsOf(pid) - before;
  return { ...result, cpuUsPerCall: spentUs / result.calls, ratePerS: result.calls / result.seconds };
}

async function measureCell(load, contender, { token, payload, ms }) {
  const job = { token, payload: payloads[payload], connections };
  const closed = await measure(load, contender, { ...job, ms });
  const open = await measure(load, contender, { ...job, ms, rate: contender.openRate });
  const { contender: name, rung } = contender;
  return {
    contender: name,
    rung,
    payload,
    closed,
    open,
    rssPeakMb: contender.child ? peakRssMbOf(contender.child.pid) : 0,
  };
}

/** Long enough for V8 to have compiled what runs hot: until then a call costs half as much again. */
const warmUpMs = 3000;

async function warmUp(load, contenders, token) {
  for (const contender of contenders) {
    for (const payload of options.payloads.split(',')) {
      await measure(load, contender, { token, payload: payloads[payload], connections, ms: warmUpMs });
    }
    if (contender.child) resetPeak(contender.child.pid);
  }
}

/** Rounds outside, contenders inside: whatever disturbs the machine disturbs all alike. */
async function runRounds(load, contenders, token) {
  const cells = [];
  const ms = Number(options.seconds) * 1000;
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const payload of options.payloads.split(',')) {
      for (const contender of contenders) cells.push(await measureCell(load, contender, { token, payload, ms }));
    }
    console.error(`round ${round + 1} of ${options.rounds} done`);
  }
  return cells;
}

async function main() {
  const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'tachograph-bench-'));
  const backend = forkChild('backend.mjs');
  const load = forkChild('load.mjs');
  const contenders = [];
  try {
    const { port: backendPort } = await firstMessage(backend);
    const credentials = writeCredentials(directory);
    const flags = options.flags === '' ? [] : options.flags.split(' ');
    contenders.push(
      ...(await startContenders({ backendPort, directory, ...credentials }, { only: options.only?.split(','), flags })),
    );
    const idle = contenders.map(({ child, contender, rung, readyMs = 0 }) => ({
      contender,
      rung,
      readyMs,
      rssIdleMb: child ? rssMbOf(child.pid) : 0,
    }));
    await warmUp(load, contenders, credentials.token);
    const results = toResults(await runRounds(load, contenders, credentials.token), idle);
    mkdirSync(join(options.out, '..'), { recursive: true });
    writeFileSync(options.out, `${JSON.stringify(results, null, 1)}\n`);
    printTable(results);
  } finally {
    await stopContenders(contenders);
    for (const child of [load, backend]) child.kill('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
