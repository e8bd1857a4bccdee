/** Acceptance test 2: either program is killed between every two steps of the write path; nothing is lost or doubled. */
import { afterEach, expect, test } from '@jest/globals';
import type { ObjectStore } from '@tachograph/store';
import { newInstallation, until, type Installation } from './testing/installation.ts';
import { MortalStore, type Death } from './testing/mortal-store.ts';
import type { Answer, SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';
import { verifyBucket } from './testing/verify.ts';

/** Stores by the process that writes to them, in the order of their starts. */
class Mortals {
  /** The process goes with its store. */
  onDeath: () => void = () => undefined;
  readonly #next: (Death | undefined)[];
  readonly started: MortalStore[] = [];

  constructor(...deaths: (Death | undefined)[]) {
    this.#next = deaths;
  }

  wrap = (store: ObjectStore): ObjectStore => {
    const mortal = new MortalStore(store, this.#next.shift(), () => this.onDeath());
    this.started.push(mortal);
    return mortal;
  };
}

let installation: Installation | undefined;
afterEach(async () => installation?.close());

/** As a sidecar does: the same call again until it is taken, while a supervisor restarts what died. */
async function insist(call: () => Promise<Answer>, revive: () => Promise<void>): Promise<Answer> {
  return until('an answer that settles', async () => {
    const answer = await call().catch(() => undefined);
    if (answer !== undefined && answer.status < 300 && answer.status !== 202) return answer;
    await revive();
    return undefined;
  });
}

/** Runs a stream with a session from its first record to its last while the process dies as told. */
async function story(victim: 'sequencer' | 'controller', death: Death): Promise<{ readonly died: boolean }> {
  const mortals = victim === 'sequencer' ? new Mortals(death) : new Mortals(undefined, death);
  const running = await newInstallation({
    wrapStore: mortals.wrap,
    environment: { TACHO_CHECKPOINT_INTERVAL: '10s' },
  });
  installation = running;
  mortals.onDeath = () => {
    for (const one of running.sequencers.splice(0)) void one.close();
  };
  const started: { sidecar?: SidecarClient; died: boolean } = { died: false };
  const revive = async (): Promise<void> => {
    const dead = mortals.started.findIndex((store) => store.dead);
    if (dead < 0 && running.controllers.length > 0) return;
    if (dead >= 0) started.died = true;
    if (dead >= 0) mortals.started.splice(0);
    for (const one of running.controllers.splice(0)) await one.close();
    for (const one of running.sequencers.splice(0)) await one.close();
    await running.startSequencer();
    await until('a leader, or its end', () =>
      running.sequencers.some((one) => one.waiting() === undefined) || mortals.started.some(({ dead: is }) => is)
        ? true
        : undefined,
    );
    await running.startController();
    started.sidecar = await running.enrol('store');
  };
  await revive();
  const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
  stream.appendSession(uuidOf(2));
  const sidecar = (): SidecarClient => {
    if (started.sidecar === undefined) throw new Error('not started');
    return started.sidecar;
  };
  await insist(async () => sidecar().open(stream.opening), revive);
  const first = stream.seal();
  const place = await insist(async () => sidecar().putSegment(first), revive);
  stream.appendLate(uuidOf(2));
  stream.append({ kind: 'stream.close' });
  const last = stream.seal();
  await insist(async () => sidecar().putSegment(last), revive);
  expect((await sidecar().putSegment(first)).json()).toEqual(place.json());
  await expectWhole(running);
  return started;
}

/** Every fact once, and nothing for the verifier to find. */
async function expectWhole(running: Installation): Promise<void> {
  const counts = new Map<unknown, number>();
  for (const { type } of await running.leaves()) counts.set(type, (counts.get(type) ?? 0) + 1);
  // As many as there were starts; and the test may run across the end of an hour.
  for (const type of ['log.term', 'period.manifest']) counts.delete(type);
  expect(Object.fromEntries(counts)).toEqual({
    'key.log': 1,
    'stream.open': 1,
    segment: 2,
    'session.manifest': 2,
    'stream.close': 1,
  });
  expect(await running.names('v1/records/')).toHaveLength(2);
  expect(await running.names('v1/sessions/')).toHaveLength(2);
  expect(await running.leavesOf('session.manifest')).toMatchObject([{ rev: 0 }, { rev: 1 }]);
  expect(await running.names('v1/keys/')).toHaveLength(2);
  // A leader signs what it finds when it begins, so the last of the leaves gets its checkpoint now.
  for (const one of running.sequencers.splice(0)) await one.close();
  await running.startSequencer();
  await running.leading();
  const { report, findings } = await verifyBucket(running.store, await running.vkey());
  expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  expect(report.verdict).toBe('verified');
}

const whens = ['before', 'after'] as const;
const sequencerWrites = Array.from({ length: 9 }, (_, at) => at + 1);
const controllerWrites = [1, 2, 3, 4];

test.each(sequencerWrites.flatMap((atWrite) => whens.map((when) => ({ atWrite, when }))))(
  'the sequencer is killed $when its write $atWrite',
  async (death) => {
    expect(await story('sequencer', death)).toMatchObject({ died: true });
  },
);

test.each(controllerWrites.flatMap((atWrite) => whens.map((when) => ({ atWrite, when }))))(
  'the controller is killed $when its write $atWrite',
  async (death) => {
    expect(await story('controller', death)).toMatchObject({ died: true });
  },
);
