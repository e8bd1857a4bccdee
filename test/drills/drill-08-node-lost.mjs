// Machine and volume are gone at once. `archive` loses no acknowledged call; `node` states exactly how much is missing.
import { rmSync } from 'node:fs';
import { account, pullAndVerify } from './account.mjs';
import { withRig } from './rig.mjs';

export const drill = {
  number: 8,
  title: 'node and volume lost: durability archive and node',
  scaled: 'SIGKILL and the spool removed, instead of a machine; TACHO_LOST_AFTER 30 min is 10 s',
  async run() {
    return withRig({ env: { TACHO_LOST_AFTER: '10s' } }, async (rig) => {
      await rig.startSidecar('archive', { env: { TACHO_DURABILITY: 'archive' } });
      await rig.startSidecar('node', { env: { TACHO_DURABILITY: 'node' } });
      const archive = await rig.load('archive', { clients: 3, pauseMs: 20 });
      const node = await rig.load('node', { clients: 3, pauseMs: 20 });
      await archive.progress(40, 90_000);
      await node.stop();
      // Heads are reported every second, so the last one says how far the stream went.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      for (const name of ['archive', 'node']) await rig.kill(name);
      for (const name of ['archive', 'node']) rmSync(rig.spool(name), { recursive: true });
      await archive.stop();
      const loss = await rig.lossOf('node');
      await rig.lossOf('archive');
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const all = account({ ...pulled, executed, loads: rig.loads, lossAllowed: true });
      const { figures, wrong, lost, leaves, records } = all;
      const acknowledgedLost = lost.filter((marker) => archive.calls.get(marker) === 'acknowledged');
      const streamOf = (workload) =>
        leaves.find((leaf) => leaf.type === 'stream.open' && leaf.workload === workload)?.stream;
      const archivedOfNode = records.filter(({ stream }) => stream === streamOf('node')).length;
      // Two records a call (request, response), and session.open with each first.
      const stated = loss.lastReportedSeq - loss.lastArchivedSeq;
      const nodeLost = lost.filter((marker) => node.calls.has(marker)).length;
      const sessions = 3;
      const expected = 2 * nodeLost + (archivedOfNode < 2 ? sessions : 0);
      return {
        figures,
        wrong: [
          ...wrong,
          ...(acknowledgedLost.length > 0 ? [`${acknowledgedLost.length} acknowledged calls of archive are lost`] : []),
          ...(Math.abs(stated - expected) > sessions ? [`${stated} records stated as lost, ${expected} are`] : []),
          ...(figures.exit === 2 ? [] : [`expected exit 2, got ${figures.exit}`]),
        ],
        note: `archive: ${archive.count('acknowledged')} acknowledged, ${acknowledgedLost.length} lost; node: ${nodeLost} calls lost, ${stated} records stated as lost`,
      };
    });
  },
};
