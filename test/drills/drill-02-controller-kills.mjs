// Controller and sequencer are killed between every two steps of the write path, while a sidecar waits for the archive.
import { account, pullAndVerify } from './account.mjs';
import { withRig } from './rig.mjs';

/**
 * `before`: the write is refused until the process is dead. `after`: it is committed, its answer dropped, and the process
 * dies before it can look. `late`: the process dies first, and its request is committed afterwards.
 */
const moments = ['before', 'after', 'late'];
const points = [
  { victim: 'controller', prefix: 'v1/blobs/', large: true },
  { victim: 'controller', prefix: 'v1/records/' },
  { victim: 'controller', prefix: 'v1/log/batch/' },
  { victim: 'controller', prefix: 'v1/sessions/' },
  { victim: 'sequencer', prefix: 'v1/log/batch/' },
  { victim: 'sequencer', prefix: 'v1/log/checkpoint/' },
  { victim: 'sequencer', prefix: 'v1/keys/', startsStream: true },
];

async function arm(bucket, prefix, moment) {
  const match = { method: 'POST', objectPrefix: prefix };
  if (moment === 'before') return bucket.fault({ kind: 'status', status: 503, times: 1, match });
  if (moment === 'late') return bucket.fault({ kind: 'slow', delayMs: 1500, times: 1, match });
  await bucket.fault({ kind: 'slow', delayMs: 4000, times: 9, match: { method: 'GET', objectPrefix: prefix } });
  return bucket.fault({ kind: 'drop-after-commit', times: 1, match });
}

const kindOf = { before: 'status', after: 'drop-after-commit', late: 'slow' };

async function killAt(rig, { victim, prefix, large, startsStream }, moment) {
  if (startsStream) await rig.stop('sidecar');
  await arm(rig.bucket, prefix, moment);
  rig.loads[0].sendLarge(large ? 100 : 0);
  if (startsStream) {
    rig.parts.get('sidecar').revived = rig.startSidecar('sidecar', { env: archive }).catch(() => undefined);
  }
  await rig.bucket.met(prefix, kindOf[moment], 30_000);
  const restarting = rig.parts.get('sidecar').revived;
  rig.loads[0].sendLarge(0);
  await rig.kill(victim);
  await rig.bucket.clearFaults();
  if (victim === 'sequencer') await rig.startSequencer();
  else await rig.startController();
  await restarting;
  await rig.loads[0].progress(3, 60_000);
  rig.say(`${victim} ${moment} ${prefix}`);
}

const archive = { TACHO_DURABILITY: 'archive', TACHO_SESSION_IDLE: '1s' };

export const drill = {
  number: 2,
  title: 'SIGKILL of controller and sequencer between all steps of the write path',
  scaled: 'none',
  async run() {
    return withRig({}, async (rig) => {
      await rig.startSidecar('sidecar', { env: archive });
      await rig.load('sidecar', { clients: 3, pauseMs: 20, perSession: 20 });
      let kills = 0;
      for (const point of points) {
        for (const moment of moments) {
          await killAt(rig, point, moment);
          kills += 1;
        }
      }
      await rig.loads[0].stop();
      await rig.drain('sidecar', { env: archive });
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const { figures, wrong, leaves } = account({ ...pulled, executed, loads: rig.loads });
      const doubled = await doubles(rig, leaves);
      return {
        figures: { kills, ...figures },
        wrong: [...wrong, ...doubled],
        note: `${kills} kills: ${points.length} writes × ${moments.join(', ')}`,
      };
    });
  },
};

/** One generation of every object, one leaf for every segment. */
export async function doubles(rig, leaves) {
  const names = (await rig.bucket.versions()).map(({ name }) => name);
  const segments = leaves.filter(({ type }) => type === 'segment').map(({ object }) => object);
  return [
    ...(new Set(names).size === names.length ? [] : ['an object has two generations']),
    ...(new Set(segments).size === segments.length ? [] : ['a segment has two leaves']),
  ];
}
