// The bucket answers 503, 429, nothing, or too late; calls go on until the oldest record is too old, then are refused.
import { statSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { account, pullAndVerify } from './account.mjs';
import { residentMiB, withRig } from './rig.mjs';

const programs = ['sidecar', 'controller', 'sequencer'];
const outages = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429 },
  { kind: 'reset' },
  { kind: 'slow', delayMs: 8000 },
];
const outageMs = 15_000;

/** Peaks of memory and spool while something runs. */
function watch(rig) {
  const peaks = { spoolBytes: 0, ...Object.fromEntries(programs.map((name) => [name, 0])) };
  const look = () => {
    for (const name of programs) peaks[name] = Math.max(peaks[name], residentMiB(rig.parts.get(name)));
    const spool = rig.spool();
    const sizes = globSync('**/*', { cwd: spool }).map((file) => {
      const found = statSync(join(spool, file), { throwIfNoEntry: false });
      return found?.isFile() ? found.size : 0;
    });
    peaks.spoolBytes = Math.max(
      peaks.spoolBytes,
      sizes.reduce((sum, one) => sum + one, 0),
    );
  };
  const timer = setInterval(look, 250);
  return { peaks, stop: () => clearInterval(timer) };
}

async function suffer(rig) {
  for (const outage of outages) {
    await rig.bucket.clearFaults();
    await rig.bucket.fault({ ...outage, times: 1_000_000, match: {} });
    await new Promise((resolve) => setTimeout(resolve, outageMs));
  }
  await rig.bucket.clearFaults();
}

export const drill = {
  number: 4,
  title: 'storage answers 503, 429, resets and timeouts, then recovers',
  scaled: 'the outage of 30 min is 60 s, TACHO_MAX_UNARCHIVED_AGE 15 min is 20 s, the spool 8 MiB',
  async run() {
    return withRig({}, async (rig) => {
      const env = { TACHO_MAX_UNARCHIVED_AGE: '20s', TACHO_SPOOL_QUOTA: '8Mi' };
      await rig.startSidecar('sidecar', { env });
      await rig.load('sidecar', { clients: 3, pauseMs: 40 });
      await rig.loads[0].progress(200, 60_000);
      const before = Object.fromEntries(programs.map((name) => [name, residentMiB(rig.parts.get(name))]));
      const { peaks, stop } = watch(rig);
      await suffer(rig);
      await rig.loads[0].progress(100, 90_000);
      stop();
      await rig.loads[0].stop();
      await rig.drain('sidecar', { env });
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const { figures, wrong } = account({ ...pulled, executed, loads: rig.loads });
      const grown = programs.filter((name) => peaks[name] > before[name] + 50);
      return {
        figures: { ...figures, peaks },
        wrong: [
          ...wrong,
          ...(figures.refused === 0 ? ['nothing was refused: the outage did not bite'] : []),
          ...(peaks.spoolBytes > 8 * 1024 * 1024 ? [`the spool grew to ${peaks.spoolBytes} bytes`] : []),
          ...grown.map((name) => `${name} grew from ${before[name].toFixed(0)} to ${peaks[name].toFixed(0)} MiB`),
        ],
        note: `peaks: ${programs.map((name) => `${name} ${before[name].toFixed(0)} → ${peaks[name].toFixed(0)} MiB`).join(', ')}; spool ${(peaks.spoolBytes / 1024).toFixed(0)} KiB`,
      };
    });
  },
};
