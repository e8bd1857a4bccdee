import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatVkey, parseVkey } from '@tachograph/archive';
import { createSettingsReader } from '@tachograph/service';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { type Installation, newInstallation, until } from '../testing/installation.ts';
import type { SidecarClient } from '../testing/sidecar-client.ts';
import { TestStream, uuidOf } from '../testing/test-stream.ts';
import { signersOf, TestWitness } from '../testing/test-witness.ts';
import { verifyBucket } from '../testing/verify.ts';
import { readWitnessSettings } from './read-witness-settings.ts';

let witness: TestWitness;
let second: TestWitness;
let installation: Installation | undefined;

beforeEach(async () => {
  witness = new TestWitness([]);
  await witness.listen();
  second = new TestWitness([], 'witness.test/w2');
  await second.listen();
});
afterEach(async () => {
  await installation?.close();
  installation = undefined;
  await witness.close();
  await second.close();
});

/** The witness learns the log's key as an operator would tell it. */
async function start(
  setting = witness.setting,
  environment: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const running = await newInstallation({ environment: { TACHO_WITNESSES: setting, ...environment } });
  installation = running;
  // The first checkpoint comes before anybody can have been told the key.
  witness.distort = () => ({ status: 404 });
  await running.startSequencer();
  await running.leading();
  const key = parseVkey(nodeCrypto, await running.vkey());
  if (key === undefined) throw new Error('no vkey');
  witness.logs.push(key);
  witness.distort = (reply) => reply;
  return running;
}

const sidecars = new WeakMap<Installation, Promise<SidecarClient>>();

async function sidecarOf(running: Installation): Promise<SidecarClient> {
  const known = sidecars.get(running);
  if (known !== undefined) return known;
  await running.startController();
  const enrolled = running.enrol('store');
  sidecars.set(running, enrolled);
  return enrolled;
}

/** Adds leaves until the log has this many. */
async function growTo(running: Installation, stream: TestStream, size: number): Promise<void> {
  const sidecar = await sidecarOf(running);
  if ((await running.leavesOf('stream.open')).length === 0) await sidecar.open(stream.opening);
  while ((await running.leaves()).length < size) {
    stream.append({ kind: 'heartbeat' });
    expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
  }
}

async function newestCheckpoint(running: Installation, atLeast: number): Promise<string> {
  return until(`a checkpoint of ${atLeast} leaves`, async () => {
    const name = (await running.names('v1/log/checkpoint/')).at(-1);
    if (name === undefined || Number(name.slice(-16)) < atLeast) return undefined;
    return Buffer.from((await running.store.get(name)) ?? []).toString('utf8');
  });
}

async function anchorOf(running: Installation): Promise<unknown> {
  const policy = `log ${await running.vkey()}\nwitness w1 ${formatVkey(witness.key)}\nquorum w1\n`;
  const { report } = await verifyBucket(running.store, policy);
  return report.anchor;
}

describe('witnesses', () => {
  test('cosign every checkpoint before it is stored, and a verifier counts them', async () => {
    const running = await start();
    const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
    for (const size of [3, 5, 9]) {
      await growTo(running, stream, size);
      expect(signersOf(await newestCheckpoint(running, size))).toEqual(['tachograph.dev/test', witness.key.name]);
    }
    expect(witness.seen.size).toBe(9);
    expect(await anchorOf(running)).toEqual({ kind: 'witnessed', size: 9 });
  });

  test('are told again from where they are after the sequencer forgot it', async () => {
    const running = await start();
    const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
    await growTo(running, stream, 4);
    await newestCheckpoint(running, 4);
    await running.sequencers.shift()?.close();
    await running.startSequencer();
    await running.leading();
    // The leaf of the new term is the fifth.
    expect(signersOf(await newestCheckpoint(running, 5))).toContain(witness.key.name);
    expect(witness.statuses).toContain(409);
    expect(witness.seen.size).toBe(5);
  });

  test('that have seen another history do not cosign, and the checkpoint is stored without them', async () => {
    const running = await start();
    await growTo(running, new TestStream({ stream: uuidOf(1), time: new Date().toISOString() }), 4);
    await newestCheckpoint(running, 4);
    await running.sequencers.shift()?.close();
    await running.controllers.shift()?.close();
    // Whoever holds log key and bucket begins the log anew: the witness remembers.
    await rm(join(running.dir, 'bucket', 'v1'), { recursive: true });
    await running.startSequencer();
    await running.leading();
    await newestCheckpoint(running, 1);
    sidecars.delete(running);
    const other = new TestStream({ stream: uuidOf(2), time: new Date().toISOString() });
    await growTo(running, other, 7);
    expect(signersOf(await newestCheckpoint(running, 7))).toEqual(['tachograph.dev/test']);
    expect(witness.statuses).toContain(422);
    expect(await anchorOf(running)).toEqual({ kind: 'none' });
    expect(await metric(running, 'tachograph_log_checkpoints_without_quorum_total')).toBeGreaterThan(0);
  });

  test.each<[string, TestWitness['distort']]>([
    [
      'answer with a signature over something else',
      (reply) => ({ ...reply, text: reply.text?.replace(/.{6}\n$/, 'AAAA==\n') ?? '' }),
    ],
    ['answer with nothing', (reply) => ({ ...reply, text: '' })],
    ['answer too much', (reply) => ({ ...reply, text: 'x'.repeat(100_000) })],
    ['say that they are at no size', () => ({ status: 409, text: 'soon\n' })],
    ['are always at another size', () => ({ status: 409, text: `${Math.floor(Math.random() * 3)}\n` })],
    ['redirect', () => ({ status: 302 })],
    ['do not answer in time', async (reply) => new Promise((resolve) => void setTimeout(() => resolve(reply), 1500))],
  ])('that %s hold nothing up', async (_what, distort) => {
    const running = await start(witness.setting, { TACHO_WITNESS_TIMEOUT: '300ms' });
    witness.distort = distort;
    await growTo(running, new TestStream({ stream: uuidOf(1), time: new Date().toISOString() }), 4);
    expect(signersOf(await newestCheckpoint(running, 4))).toEqual(['tachograph.dev/test']);
  });

  test('make a quorum where one of two is enough', async () => {
    second.distort = () => ({ status: 503 });
    const running = await start(`${witness.setting},${second.setting}`, { TACHO_WITNESS_QUORUM: '1' });
    const before = await metric(running, 'tachograph_log_checkpoints_without_quorum_total');
    await growTo(running, new TestStream({ stream: uuidOf(1), time: new Date().toISOString() }), 4);
    expect(signersOf(await newestCheckpoint(running, 4))).toEqual(['tachograph.dev/test', witness.key.name]);
    expect(await metric(running, 'tachograph_log_checkpoints_without_quorum_total')).toBe(before);
  });
});

async function metric(running: Installation, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${running.sequencers[0]?.adminPort ?? 0}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

describe('settings', () => {
  const vkey = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
  test.each([
    [{}, undefined],
    [{ TACHO_WITNESSES: `${vkey}=https://w.example/x` }, 1],
    [{ TACHO_WITNESSES: `${vkey}=https://w.example/x,${vkey}=https://v.example`, TACHO_WITNESS_QUORUM: '1' }, 1],
  ])('%j', (environment, quorum) => {
    expect(readWitnessSettings(createSettingsReader(environment))?.quorum).toBe(quorum);
  });

  test.each([
    { TACHO_WITNESSES: 'https://w.example' },
    { TACHO_WITNESSES: `${vkey.replace('033de0ae', '033de0af')}=https://w.example` },
    { TACHO_WITNESSES: `${vkey}=ftp://w.example` },
    { TACHO_WITNESSES: `${vkey}=https://w.example`, TACHO_WITNESS_QUORUM: '2' },
  ])('refuses %j', (environment) => {
    expect(() => readWitnessSettings(createSettingsReader(environment))).toThrow(/TACHO_WITNESS/);
  });
});
