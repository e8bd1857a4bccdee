// Throughput and memory of tacho verify, by size of the archive:
// node --conditions=source bench/verify.mjs [--dir DIR] [--jobs 1,2] [--pooled] [MB of records…]    (default: 1 64 512)
// Archives are made on first use; those in --dir stay, --pooled ones are faster to make. MB/s of CPU: bytes of records by
// user and system time of all threads, start and listing included.
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { cpuUsOf, peakRssMbOf } from './process-usage.mjs';
import { writeArchive } from './verify-archive.mjs';

const tacho = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string' },
    jobs: { type: 'string', default: '1,2' },
    pooled: { type: 'boolean', default: false },
  },
});
const sizesMb = (positionals.length > 0 ? positionals : ['1', '64', '512']).map(Number);
const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'tacho-bench-verify-'));

/** Runs once; samples the process until it ends. */
async function run(archive, jobs) {
  const started = performance.now();
  const args = [
    'verify',
    archive,
    '--policy',
    join(archive, 'policy.txt'),
    '--no-remember',
    '--json',
    '--jobs',
    String(jobs),
  ];
  const child = spawn(process.execPath, [tacho, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const usage = { cpuUs: 0, rssMb: 0 };
  const timer = setInterval(() => sample(child.pid, usage), 20);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`tacho verify ended with ${code}: ${out.slice(0, 500)}`);
  return { seconds: (performance.now() - started) / 1000, counts: JSON.parse(out).counts, ...usage };
}

/** What nobody can leave out: unpacking every segment and hashing every line, on one thread; MB/s of CPU. */
function floorOf(archive) {
  const files = readdirSync(join(archive, 'v1/records'), { recursive: true, withFileTypes: true }).filter((it) =>
    it.isFile(),
  );
  const before = process.cpuUsage();
  let bytes = 0;
  for (const { parentPath, name } of files) {
    const lines = gunzipSync(readFileSync(join(parentPath, name)));
    bytes += lines.length;
    for (let start = 0, end; (end = lines.indexOf(10, start)) >= 0; start = end + 1) {
      hash('sha256', lines.subarray(start, end), 'hex');
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (bytes / (user + system)).toFixed(0);
}

function sample(pid, usage) {
  try {
    const rssMb = peakRssMbOf(pid);
    usage.cpuUs = cpuUsOf(pid);
    // A process that is ending has no memory left to tell of.
    if (Number.isFinite(rssMb)) usage.rssMb = rssMb;
  } catch {
    // The process has ended between two samples.
  }
}

try {
  console.log(
    '| records MB | segments | records | threads | s | MB/s | MB/s of CPU | unpacking and hashing alone | peak RSS MB |\n|---|---|---|---|---|---|---|---|---|',
  );
  for (const mb of sizesMb) {
    const archive = join(dir, `${mb}`);
    writeArchive(archive, mb * 1e6, Math.max(1, Math.min(16, Math.round(mb / 16))), values.pooled);
    for (const jobs of values.jobs.split(',')) {
      const { seconds, cpuUs, rssMb, counts } = await run(archive, jobs);
      const { recordBytes, segments, records } = counts;
      const rates = [recordBytes / 1e6 / seconds, recordBytes / cpuUs].map((rate) => rate.toFixed(0));
      console.log(
        `| ${(recordBytes / 1e6).toFixed(0)} | ${segments} | ${records} | ${jobs} | ${seconds.toFixed(2)} | ${rates.join(' | ')} | ${floorOf(archive)} | ${rssMb.toFixed(0)} |`,
      );
    }
  }
} finally {
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
}
