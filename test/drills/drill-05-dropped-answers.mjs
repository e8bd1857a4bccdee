// Every kind of write is committed and its answer dropped: each object stands once all the same.
import { account, pullAndVerify } from './account.mjs';
import { doubles } from './drill-02-controller-kills.mjs';
import { withRig } from './rig.mjs';

const kinds = ['v1/keys/', 'v1/log/batch/', 'v1/log/checkpoint/', 'v1/blobs/', 'v1/records/', 'v1/sessions/'];
const archive = { TACHO_DURABILITY: 'archive', TACHO_SESSION_IDLE: '1s' };
const times = 5;

export const drill = {
  number: 5,
  title: 'commit, then drop the answer, on each kind of write',
  scaled: 'none',
  async run() {
    return withRig({}, async (rig) => {
      const drop = (objectPrefix, count) =>
        rig.bucket.fault({ kind: 'drop-after-commit', times: count, match: { method: 'POST', objectPrefix } });
      await drop('v1/keys/', 1);
      await rig.startSidecar('sidecar', { env: archive });
      await rig.bucket.met('v1/keys/', 'drop-after-commit');
      const load = await rig.load('sidecar', { clients: 3, pauseMs: 20, perSession: 10 });
      for (const kind of kinds.slice(1)) await drop(kind, times);
      load.sendLarge(40);
      for (const kind of kinds) await rig.bucket.met(kind, 'drop-after-commit', 90_000);
      load.sendLarge(0);
      await load.progress(30, 60_000);
      await load.stop();
      await rig.drain('sidecar', { env: archive });
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const { figures, wrong, leaves } = account({ ...pulled, executed, loads: rig.loads });
      const objects = (await rig.bucket.versions()).length;
      return {
        figures: { ...figures, objects },
        wrong: [...wrong, ...(await doubles(rig, leaves)), ...(figures.exit === 0 ? [] : ['not verified'])],
        note: `${objects} objects, one generation each, after ${1 + times * (kinds.length - 1)} dropped answers`,
      };
    });
  },
};
