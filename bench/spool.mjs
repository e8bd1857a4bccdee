// Records a second and CPU per record of the spool, 16 writers of 1 KB.
// node --conditions=source bench/spool.mjs [process|node] [seconds]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics, silentLogger, systemClock } from '@tachograph/service';
import { createRecorder } from '../packages/sidecar/src/record/create-recorder.ts';

const [levels = 'process,node', seconds = '4'] = process.argv.slice(2);
const writers = Number(process.env.WRITERS ?? 16);

/** What a tools/call leaves behind: 1 KB of line with its envelope. */
function draftOf(session, exchange) {
  return {
    kind: 'mcp.request',
    session,
    dir: 'c2s',
    origin: 'network',
    exchange,
    mcp_method_name: 'tools/call',
    gen_ai_tool_name: 'query',
    jsonrpc_request_id: '7',
    principal: { iss: 'https://issuer.example', sub: 'alice', type: 'human', client_id: 'cli' },
    decision: { verdict: 'allow', rule: 'read' },
    mask: { rules: 'a'.repeat(64), hits: 0 },
    body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"text":"${'lorem ipsum '.repeat(20)}"}}`,
  };
}

function open(spoolDir, durability) {
  const workload = { cluster: 'bench', namespace: 'bench', workload: 'bench', pod: 'bench', podUid: 'bench' };
  const ages = { sessionIdleMs: 900_000, maxUnarchivedAgeMs: 900_000 };
  return createRecorder({
    settings: { spoolDir, durability, workload, quotaBytes: 64 * 1024 ** 3, ...ages, controller: undefined },
    about: { version: '0', settingsDigest: '0'.repeat(64), stepsOff: [] },
    log: silentLogger,
    clock: systemClock,
    metrics: createMetrics(),
  });
}

async function measure(durability) {
  const spoolDir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'tachograph-spool-'));
  const running = await open(spoolDir, durability);
  const { recorder } = running;
  const session = await recorder.session({ iss: 'i', sub: 's', clientId: 'c', clientName: 'n' }, {});
  const endMs = performance.now() + Number(seconds) * 1000;
  const latencies = [];
  let records = 0;
  const write = async (writer) => {
    for (let i = 0; performance.now() < endMs; i += 1) {
      const startMs = performance.now();
      const exchange = i * writers + writer;
      await recorder.append(
        i % 2 === 0
          ? draftOf(session, exchange)
          : { ...draftOf(session, exchange - writers), kind: 'mcp.response', dir: 's2c' },
      );
      if (records % 16 === 0) latencies.push(performance.now() - startMs);
      records += 1;
    }
  };
  const before = process.cpuUsage();
  const startMs = performance.now();
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const wallMs = performance.now() - startMs;
  const cpu = process.cpuUsage(before);
  await running.close();
  rmSync(spoolDir, { recursive: true });
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)]?.toFixed(2);
  const perRecord = (cpu.user + cpu.system) / records;
  const rssMb = Math.round(process.memoryUsage.rss() / 1024 ** 2);
  console.log(
    `${durability.padEnd(8)} ${Math.round((records / wallMs) * 1000)} records/s, ${perRecord.toFixed(1)} us CPU a record ` +
      `(user ${(cpu.user / records).toFixed(1)}, system ${(cpu.system / records).toFixed(1)}), ` +
      `latency ms p50 ${at(0.5)} p99 ${at(0.99)}, rss ${rssMb} MB`,
  );
}

for (const durability of levels.split(',')) await measure(durability);
