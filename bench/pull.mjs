// Pull against plain download: `tacho pull` of an archive from the emulator, and the same objects fetched by as many
// plain GET requests into files, alternately in one run.
//
//   node --conditions=source bench/pull.mjs [--segments 200] [--mb 2] [--runs 5] [--parallel 16]
//
// Prints a table and one line of JSON. Exit code 1 when the median pull moves less than 80 % of the plain MB/s.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createDirectoryStore, openStore } from '@tachograph/store';
import { ArchiveBuilder } from '../packages/cli/src/testing/archive-builder.ts';

const { values } = parseArgs({
  options: {
    segments: { type: 'string', default: '200' },
    mb: { type: 'string', default: '2' },
    runs: { type: 'string', default: '5' },
    parallel: { type: 'string', default: '16' },
  },
});
const parallel = Number(values.parallel);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = mkdtempSync(join(tmpdir(), 'tacho-bench-pull-'));
const source = ['--conditions=source'];

/** Segments whose compressed size is about what was asked for: hex of random bytes packs to half. */
async function writeArchive(store) {
  const archive = new ArchiveBuilder(store);
  const stream = archive.openStream();
  for (let i = 0; i < Number(values.segments); i += 1) {
    const body = randomBytes(Math.round((Number(values.mb) * 1e6 * 0.88) / 8)).toString('hex');
    for (let line = 0; line < 8; line += 1) stream.add({ kind: 'mcp.request', session: 's', body });
    await stream.seal();
    // One batch for each segment, as a running installation writes them.
    await archive.publish();
  }
}

async function startEmulator() {
  const args = [...source, join(root, 'packages/gcs-emulator/src/main.ts')];
  const child = spawn(process.execPath, [
    ...args,
    '--data',
    join(work, 'gcs'),
    '--port',
    '0',
    '--bucket',
    'archive',
    '--json',
  ]);
  child.stderr.resume();
  const [line] = await once(child.stdout, 'data');
  return { child, url: JSON.parse(String(line)).url };
}

/** Nothing but the bytes: GET, into a file; no check, no listing, no log. */
async function plainDownload(url, names, dir) {
  let at = 0;
  const next = async () => {
    for (let name = names[at++]; name !== undefined; name = names[at++]) {
      const path = join(dir, name);
      mkdirSync(dirname(path), { recursive: true });
      const media = `${url}/storage/v1/b/archive/o/${encodeURIComponent(name)}?alt=media`;
      const [response] = await once(get(media, { agent: plainAgent }), 'response');
      await pipeline(response, createWriteStream(path));
    }
  };
  await Promise.all(Array.from({ length: parallel }, next));
}
let plainAgent;

/** Each way in a process of its own, both with the start of it excluded by a ready line. */
async function timed(mode, url, dir) {
  const child = spawn(process.execPath, [...source, fileURLToPath(import.meta.url)], {
    env: { ...process.env, PULL_BENCH: JSON.stringify({ mode, url, dir, parallel }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${mode}: exit ${code}`);
  return JSON.parse(text);
}

async function measure({ mode, url, dir }) {
  const names = [];
  for await (const { name } of openStore('gs://archive', { apiEndpoint: url }).list('v1/')) names.push(name);
  const { Agent } = await import('node:http');
  plainAgent = new Agent({ keepAlive: true });
  const { runTacho } = await import('../packages/cli/src/app.ts');
  mkdirSync(dir, { recursive: true });
  const cpu = process.cpuUsage();
  const start = performance.now();
  if (mode === 'plain') await plainDownload(url, names, dir);
  else await runPull(runTacho, url, dir);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  let bytes = 0;
  for await (const { size } of createDirectoryStore(dir).list('v1/')) bytes += size;
  const peakMb = process.resourceUsage().maxRSS / 1000;
  process.stdout.write(JSON.stringify({ seconds, bytes, cpuSeconds: (user + system) / 1e6, peakMb }));
}

async function runPull(runTacho, url, dir) {
  const context = {
    env: {},
    out: () => {},
    err: (text) => process.stderr.write(text),
    progressStream: undefined,
    nowMs: () => Date.now(),
    exit: () => {},
  };
  const argv = [
    'pull',
    '--bucket',
    'gs://archive',
    '--endpoint',
    url,
    '--all',
    '--out',
    dir,
    '--parallel',
    String(parallel),
  ];
  const code = await runTacho(context, argv);
  if (code !== 0) throw new Error(`tacho pull: exit ${code}`);
}

async function round(run, url, results) {
  for (const mode of run % 2 === 0 ? ['plain', 'pull'] : ['pull', 'plain']) {
    const dir = join(work, `${mode}-${run}`);
    const result = await timed(mode, url, dir);
    rmSync(dir, { recursive: true, force: true });
    results?.[mode].push({ ...result, mbPerSecond: result.bytes / 1e6 / result.seconds });
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function main() {
  const emulator = await startEmulator();
  try {
    await writeArchive(openStore('gs://archive', { apiEndpoint: emulator.url }));
    const results = { plain: [], pull: [] };
    // The first round fills caches.
    for (let run = 0; run <= Number(values.runs); run += 1)
      await round(run, emulator.url, run > 0 ? results : undefined);
    return report(results);
  } finally {
    emulator.child.kill();
    rmSync(work, { recursive: true, force: true });
  }
}

function report(results) {
  const rows = Object.entries(results).map(([mode, runs]) => {
    const speed = median(runs.map(({ mbPerSecond }) => mbPerSecond));
    const [{ bytes }] = runs;
    const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds));
    return {
      mode,
      mb: bytes / 1e6,
      mbPerSecond: speed,
      cpuSeconds: cpu,
      peakMb: median(runs.map((run) => run.peakMb)),
    };
  });
  for (const row of rows) {
    const { mode, mb, mbPerSecond, cpuSeconds, peakMb } = row;
    const figures = [mb, mbPerSecond, cpuSeconds, peakMb].map((value) => value.toFixed(1).padStart(9));
    console.log(`${mode.padEnd(6)} ${figures.join(' ')}   (MB, MB/s, s of CPU, MB of memory; medians)`);
  }
  const share = rows[1].mbPerSecond / rows[0].mbPerSecond;
  console.log(`pull moves ${(share * 100).toFixed(0)} % of what plain download does`);
  const digest = createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 8);
  console.log(JSON.stringify({ bench: 'pull', run: digest, share, rows }));
  return share >= 0.8 ? 0 : 1;
}

if (process.env.PULL_BENCH === undefined) process.exitCode = await main();
else await measure(JSON.parse(process.env.PULL_BENCH));
