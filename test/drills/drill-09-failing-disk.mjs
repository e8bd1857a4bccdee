// The spool's disk is full, answers EIO, becomes read-only: calls are refused, a record says so, nothing is silent.
import { join } from 'node:path';
import { until } from '../../demo/processes.mjs';
import { account, pullAndVerify } from './account.mjs';
import { canMount, createLoopDisk, createSmallDisk } from './failing-disk.mjs';
import { withRig } from './rig.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const refusals = async (load, more) => {
  const goal = load.count('refused') + more;
  await until(`${more} refused calls`, () => load.count('refused') >= goal, 60_000);
};

async function open(rig, name, disk) {
  const spool = join(disk.dir, 'spool');
  await rig.startSidecar(name, { spool });
  const load = await rig.load(name, { clients: 2, pauseMs: 20 });
  await load.progress(20, 60_000);
  return { load, spool };
}

/** The controller is away, so the spool only grows: until there is no space left on the device. */
async function fill(rig, disk) {
  const { load, spool } = await open(rig, 'full', disk);
  await rig.stop('controller');
  load.sendLarge(1000);
  await refusals(load, 20);
  load.sendLarge(0);
  disk.grow();
  await rig.startController();
  await load.progress(20, 90_000);
  await load.stop();
  await rig.drain('full', { spool });
}

async function breakSync(rig, disk) {
  const { load, spool } = await open(rig, 'eio', disk);
  disk.shrink();
  load.sendLarge(20);
  await refusals(load, 20);
  disk.restore();
  load.sendLarge(0);
  await load.progress(20, 90_000);
  await load.stop();
  await rig.drain('eio', { spool });
}

async function turnReadOnly(rig, disk) {
  const { load, spool } = await open(rig, 'read-only', disk);
  disk.abort();
  await refusals(load, 20);
  await load.stop();
  // The node's administrator mounts the volume again, and the pod starts again.
  await rig.stop('read-only');
  disk.remount();
  await rig.startSidecar('read-only', { spool });
  await pause(1000);
  await rig.drain('read-only', { spool });
  return load.count('refused');
}

export const drill = {
  number: 9,
  title: 'disk full (ENOSPC), fdatasync EIO, read-only (EROFS)',
  scaled: 'none; real errors of the kernel, from a small tmpfs and from ext4 on a shrinking loop device',
  async run() {
    if (!canMount) return { figures: {}, wrong: [], skipped: 'mounts need root' };
    return withRig({}, async (rig) => {
      const disks = [createSmallDisk(join(rig.dir, 'mounts/full'))];
      try {
        disks.push(createLoopDisk(join(rig.dir, 'mounts/eio')), createLoopDisk(join(rig.dir, 'mounts/read-only')));
        await fill(rig, disks[0]);
        await breakSync(rig, disks[1]);
        const unstated = await turnReadOnly(rig, disks[2]);
        const executed = await rig.executed();
        const pulled = await pullAndVerify(rig);
        const { figures, wrong, records } = account({ ...pulled, executed, loads: rig.loads, unstated });
        const causes = records
          .filter(({ kind, detail }) => kind === 'gap' && detail.cause === 'spool_error')
          .map(({ detail }) => /E[A-Z]{2,}/.exec(String(detail.error))?.[0] ?? detail.error);
        return {
          figures,
          wrong,
          note: [
            `${figures.refusalsReported} refusals are stated in gap records; causes named: ${[...new Set(causes)].join(', ')}`,
            `${figures.unstated} refusals of the read-only disk are known to the callers alone: the recorder ended before it could write again; stream.resume states the end`,
            'going on without a record is nothing that a namespace can choose today: calls are refused',
          ],
        };
      } finally {
        await rig.processes.stopAll();
        for (const disk of disks) disk.close();
      }
    });
  },
};
