// Many sidecars against real controllers, a real sequencer and the storage emulator:
//   node test/scale/run.mjs [--sidecars 10000] [--seconds 90] [--controllers 2] [--json]
//
// Sidecars are simulated in this process: real streams, keys, records, gzip and signatures, over real TLS; one connection
// serves many of them. First every stream is opened, then segments are shipped as fast as answers come.
import { parseArgs } from 'node:util';
import { Rig, residentMiB } from '../drills/rig.mjs';
import { createFleet } from './fleet.mjs';
import { costLines } from './cost.mjs';

const { values } = parseArgs({
  options: {
    sidecars: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '90' },
    controllers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const [sidecars, seconds, replicas] = [values.sidecars, values.seconds, values.controllers].map(Number);
const names = Array.from({ length: replicas }, (_, at) => `controller-${at + 1}`);
const inFlight = 64;

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const gauge = (text, name) => Number(new RegExp(`^tachograph_${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** Highest memory of each process while something runs, and the longest way from leaf to checkpoint. */
function watch(rig) {
  const peaks = Object.fromEntries(['sequencer', 'emulator', ...names].map((name) => [name, 0]));
  const state = { peaks, uncoveredMax: 0 };
  const look = async () => {
    for (const name of Object.keys(peaks)) peaks[name] = Math.max(peaks[name], residentMiB(rig.parts.get(name)));
    const text = await rig.metrics('sequencer').catch(() => '');
    state.size = gauge(text, 'log_size');
    state.uncoveredMax = Math.max(state.uncoveredMax, state.size - gauge(text, 'log_checkpoint_size'));
  };
  const timer = setInterval(() => void look(), 1000);
  return { state, stop: () => clearInterval(timer) };
}

/** Runs `work` on every item, so many at a time, until the deadline; gives the latencies in milliseconds. */
async function inParallel(items, work, deadline = Infinity) {
  const latencies = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && performance.now() < deadline) {
      const item = items[next];
      next += 1;
      const started = performance.now();
      await work(item);
      latencies.push(performance.now() - started);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { latencies: latencies.toSorted((a, b) => a - b), seconds: (performance.now() - started) / 1000 };
}

/** Round after round of one segment from each sidecar. */
function* rounds(fleet) {
  for (;;) yield* fleet;
}

async function measure(rig) {
  const fleet = await createFleet(rig, sidecars, names);
  const { state, stop } = watch(rig);
  console.error(`opening ${sidecars} streams …`);
  const opened = await inParallel(fleet.sidecars, (one) => fleet.open(one));
  const sizeBefore = (await rig.bucket.names('v1/log/batch/')).length;
  console.error(`shipping for ${seconds} s …`);
  const turns = rounds(fleet.sidecars);
  // More than can be shipped in the time: the deadline ends it.
  const endless = { length: Infinity, [Symbol.iterator]: () => turns };
  const queue = new Proxy(endless, { get: (target, key) => (key === 'length' ? target.length : turns.next().value) });
  const shipped = await inParallel(queue, (one) => fleet.ship(one), performance.now() + seconds * 1000);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  stop();
  const objects = await rig.bucket.versions();
  return { opened, shipped, state, fleet, objects, sizeBefore };
}

function figuresOf({ opened, shipped, state, fleet, objects }) {
  const of = (prefix) => objects.filter(({ name }) => name.startsWith(prefix));
  const bytes = of('v1/records/').reduce((sum, { size }) => sum + Number(size), 0);
  const segments = shipped.latencies.length;
  return {
    sidecars,
    controllers: replicas,
    opensPerSecond: Math.round(opened.latencies.length / opened.seconds),
    segments,
    segmentsPerSecond: Math.round(segments / shipped.seconds),
    leaves: state.size,
    leavesPerSecond: Math.round((state.size - sidecars) / shipped.seconds),
    lagMs: Object.fromEntries(
      [0.5, 0.95, 0.99].map((p) => [`p${p * 100}`, Math.round(quantile(shipped.latencies, p))]),
    ),
    uncoveredLeavesMax: state.uncoveredMax,
    peakMiB: Object.fromEntries(Object.entries(state.peaks).map(([name, mib]) => [name, Math.round(mib)])),
    objects: objects.length,
    batches: of('v1/log/batch/').length,
    recordsPerSegment: fleet.recordsPerSegment,
    bytesPerSegment: Math.round(bytes / Math.max(1, of('v1/records/').length)),
    retries: fleet.retries(),
    neededPerSecond: Math.round(sidecars / 60),
  };
}

function print(figures) {
  const { lagMs, peakMiB } = figures;
  const rows = [
    ['sidecars', `${figures.sidecars} (simulated), ${figures.controllers} controllers, 1 sequencer`],
    ['streams opened', `${figures.opensPerSecond}/s`],
    [
      'segments archived',
      `${figures.segments}, ${figures.segmentsPerSecond}/s (a segment a minute each: ${figures.neededPerSecond}/s)`,
    ],
    ['leaves', `${figures.leavesPerSecond}/s; ${figures.leaves} in ${figures.batches} batches`],
    [
      'from PUT to archived',
      `p50 ${lagMs.p50} ms, p95 ${lagMs.p95} ms, p99 ${lagMs.p99} ms with ${inFlight} in flight`,
    ],
    ['leaves without a checkpoint', `${figures.uncoveredLeavesMax} at most`],
    [
      'memory, peak',
      Object.entries(peakMiB)
        .map(([name, mib]) => `${name} ${mib} MiB`)
        .join(', '),
    ],
    ['asked again', `${figures.retries}`],
    ...costLines(figures),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
}

const rig = new Rig({ env: { TACHO_CHECKPOINT_INTERVAL: '5s', TACHO_HEADS_INTERVAL: '60s', TACHO_LOG_LEVEL: 'warn' } });
try {
  await rig.startStorage();
  await rig.startSequencer();
  for (const name of names) await rig.startController(name);
  const figures = figuresOf(await measure(rig));
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else print(figures);
} finally {
  await rig.close();
}
