// Machine and volume are gone at once. `archive` loses no acknowledged call; `node` states exactly how much is missing.
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { account, pullAndVerify } from './account.mjs';
import { withRig } from './rig.mjs';

const callers = 3;

/** Seq of the last whole line in a spool whose segments are still open. */
export function lastRecordOf(spool) {
  const lines = globSync('*/*.open.jsonl', { cwd: spool }).flatMap((file) =>
    readFileSync(join(spool, file), 'utf8').split('\n').slice(0, -1),
  );
  return Math.max(...lines.map((line) => JSON.parse(line).seq));
}

export const drill = {
  number: 8,
  title: 'node and volume lost: durability archive and node',
  scaled: 'SIGKILL and the spool removed, instead of a machine; TACHO_LOST_AFTER 30 min is 10 s',
  async run() {
    return withRig({ env: { TACHO_LOST_AFTER: '10s' } }, async (rig) => {
      await rig.startSidecar('archive', { env: { TACHO_DURABILITY: 'archive' } });
      await rig.startSidecar('node', { env: { TACHO_DURABILITY: 'node', TACHO_SESSION_IDLE: '60s' } });
      const archive = await rig.load('archive', { clients: 3, pauseMs: 20 });
      const node = await rig.load('node', { clients: callers, pauseMs: 20 });
      await archive.progress(40, 90_000);
      await node.stop();
      // Heads are reported every second, so the last one says how far the stream went.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      for (const name of ['archive', 'node']) await rig.kill(name);
      const lastSeq = lastRecordOf(rig.spool('node'));
      for (const name of ['archive', 'node']) rmSync(rig.spool(name), { recursive: true });
      await archive.stop();
      const loss = await rig.lossOf('node');
      await rig.lossOf('archive');
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const all = account({ ...pulled, executed, loads: rig.loads, lossAllowed: true });
      const { figures, wrong, lost } = all;
      const acknowledgedLost = lost.filter((marker) => archive.calls.get(marker) === 'acknowledged');
      const nodeLost = lost.filter((marker) => node.calls.has(marker)).length;
      const stated = loss.lastReportedSeq - loss.lastArchivedSeq;
      return {
        figures,
        wrong: [
          ...wrong,
          ...(acknowledgedLost.length > 0 ? [`${acknowledgedLost.length} acknowledged calls of archive are lost`] : []),
          // The truth, from the spool before it was removed.
          ...(loss.lastReportedSeq === lastSeq
            ? []
            : [`stated to seq ${loss.lastReportedSeq}, recorded to ${lastSeq}`]),
          ...(figures.exit === 2 ? [] : [`expected exit 2, got ${figures.exit}`]),
        ],
        note: `archive: ${archive.count('acknowledged')} acknowledged, ${acknowledgedLost.length} lost; node: ${nodeLost} calls lost, ${stated} records stated as lost`,
      };
    });
  },
};
