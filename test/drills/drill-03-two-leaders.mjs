// Two sequencers append at once: a paused leader that wakes up, and a Lease that excludes nobody.
import { join } from 'node:path';
import { until } from '../../demo/processes.mjs';
import { account, pullAndVerify } from './account.mjs';
import { doubles } from './drill-02-controller-kills.mjs';
import { withRig } from './rig.mjs';

const archive = { TACHO_DURABILITY: 'archive' };
const pairs = [
  { sequencer: 'sequencer', controller: 'controller', sidecar: 'sidecar' },
  { sequencer: 'second', controller: 'controller-2', sidecar: 'sidecar-2' },
];

/** The leader sleeps for longer than its lock lives, the follower takes over, and the leader wakes. */
async function pauseLeader(rig) {
  const leader = rig.parts.get('sequencer');
  leader.child.kill('SIGSTOP');
  await until('the follower to lead', () => rig.leads('follower'), 40_000);
  await rig.loads[0].progress(5, 60_000);
  leader.child.kill('SIGCONT');
  await rig.loads[0].progress(20, 60_000);
  // Its gauge follows within two seconds; a leader that halted answers nothing.
  return until('the woken leader to step down', async () => !(await rig.leads('sequencer')), 15_000).then(
    () => false,
    () => true,
  );
}

/** Each of two sequencers has a lock of its own, so both lead; whoever finds other bytes at its index must halt. */
async function splitLease(rig, rounds) {
  await rig.enrol('sidecar-2');
  const state = rig.copyState(join(rig.dir, 'state-2'));
  const start = {
    sequencer: () => rig.startSequencer('sequencer'),
    second: () => rig.startSequencer('second', { state }),
  };
  let halts = 0;
  await start.second();
  await rig.startController('controller-2', { sequencers: ['second'], env: { TACHO_STATE: state } });
  await rig.startSidecar('sidecar-2', { env: archive, controller: 'controller-2' });
  await rig.load('sidecar-2', { clients: 2, pauseMs: 30 });
  for (let round = 0; round < rounds; round += 1) {
    const ended = await Promise.race(
      pairs.map(async ({ sequencer }) => {
        await rig.parts.get(sequencer).ended;
        return sequencer;
      }),
    );
    halts += 1;
    await start[ended]();
  }
  return halts;
}

export const drill = {
  number: 3,
  title: 'two sequencers and two controllers active',
  scaled: 'a clock jump is a SIGSTOP of the leader for longer than its lock lives (no process here may set the clock)',
  async run() {
    return withRig({}, async (rig) => {
      await rig.startSequencer('follower');
      await rig.stop('controller');
      await rig.startController('controller', { sequencers: ['sequencer', 'follower'] });
      await rig.startSidecar('sidecar', { env: archive });
      await rig.load('sidecar', { clients: 2, pauseMs: 30 });
      await rig.loads[0].progress(10);
      const woken = await pauseLeader(rig);
      await rig.stop('sequencer');
      await rig.stop('follower');
      await rig.startSequencer('sequencer');
      await rig.stop('controller');
      await rig.startController('controller');
      await rig.loads[0].progress(5, 60_000);
      const halts = await splitLease(rig, 6);
      for (const load of rig.loads) await load.stop();
      // One leader again, as a mended Lease would have it.
      await rig.stop('second');
      await rig.stop('sequencer');
      await rig.startSequencer('sequencer');
      await rig.stop('controller-2');
      await rig.startController('controller-2');
      await rig.drain('sidecar', { env: archive });
      await rig.drain('sidecar-2', { env: archive, controller: 'controller-2' });
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const { figures, wrong, leaves } = account({ ...pulled, executed, loads: rig.loads });
      return {
        figures: { halts, ...figures },
        wrong: [
          ...wrong,
          ...(await doubles(rig, leaves)),
          ...(woken ? ['the woken leader leads beside the follower'] : []),
        ],
        note: `the woken leader stepped down; with a broken Lease ${halts} losers halted with an exit, and one log stands`,
      };
    });
  },
};
