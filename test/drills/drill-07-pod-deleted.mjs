// A pod goes in mid-session: in order, with its grace exceeded, and by force with its spool.
import { rmSync } from 'node:fs';
import { account, pullAndVerify } from './account.mjs';
import { lastRecordOf } from './drill-08-node-lost.mjs';
import { withRig } from './rig.mjs';

const lostAfter = '10s';

export const drill = {
  number: 7,
  title: 'pod deleted in mid-session: SIGTERM, grace exceeded, force',
  scaled: `processes instead of pods (test/e2e has pods); TACHO_LOST_AFTER 30 min is ${lostAfter}`,
  async run() {
    return withRig({ env: { TACHO_LOST_AFTER: lostAfter } }, async (rig) => {
      const names = ['in-order', 'grace-exceeded', 'by-force'];
      for (const name of names) {
        // Sessions that stay open keep their records in the spool.
        await rig.startSidecar(name, { env: { TACHO_SESSION_IDLE: '60s' } });
        await rig.load(name, { clients: 2, pauseMs: 20 });
      }
      for (const load of rig.loads) await load.progress(50, 60_000);
      // Callers pause, so that the head which was reported is the last one there is.
      await rig.loads[2].stop();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await rig.stop('in-order');
      // Storage is too slow for the grace: what is left stays in the spool, and the same pod's next start ships it.
      await rig.bucket.fault({ kind: 'slow', delayMs: 2500, times: 50, match: { objectPrefix: 'v1/records/' } });
      rig.parts.get('grace-exceeded').child.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await rig.kill('grace-exceeded');
      await rig.bucket.clearFaults();
      await rig.kill('by-force');
      const lastSeq = lastRecordOf(rig.spool('by-force'));
      rmSync(rig.spool('by-force'), { recursive: true });
      for (const load of rig.loads.slice(0, 2)) await load.stop();
      await rig.drain('grace-exceeded');
      const loss = await rig.lossOf('by-force');
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const { figures, wrong, lost } = account({ ...pulled, executed, loads: rig.loads, lossAllowed: true });
      const foreign = lost.filter((marker) => !rig.loads[2].calls.has(marker));
      return {
        figures,
        wrong: [
          ...wrong,
          ...(foreign.length > 0 ? [`${foreign.length} calls of a pod that kept its spool are lost`] : []),
          ...(loss.lastReportedSeq === lastSeq
            ? []
            : [`stated to seq ${loss.lastReportedSeq}, recorded to ${lastSeq}`]),
          ...(figures.exit === 2 ? [] : [`expected exit 2, got ${figures.exit}`]),
        ],
        note: `by force: archived to seq ${loss.lastArchivedSeq}, reported to seq ${loss.lastReportedSeq}: ${loss.lastReportedSeq - loss.lastArchivedSeq} records are stated as lost, of ${lost.length} calls`,
      };
    });
  },
};
