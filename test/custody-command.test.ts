/** `tacho hold` and `tacho purge` against a real controller on a directory, and `tacho verify` after them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@tachograph/service';
import { openCustody } from '@tachograph/store';
import { runCli, type CliResult } from '../packages/cli/src/testing/run-cli.ts';
import { startInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';
import { TestStream, uuidOf } from '../packages/controller/src/testing/test-stream.ts';

let installation: Installation;
let env: Readonly<Record<string, string>>;
let aheadMs = 0;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs,
  monotonicNs: () => Number(process.hrtime.bigint()),
};

beforeEach(async () => {
  aheadMs = 0;
  installation = await startInstallation({
    clock,
    // Less than one session, so that every deed takes several calls.
    custodyObjectsOfCall: 1,
    environment: { TACHO_CUSTODIANS: 'carol', TACHO_RETENTION: '24h' },
  });
  env = { TACHO_STATE: installation.state };
});
afterEach(async () => installation.close());

async function as(subject: string, ...argv: readonly string[]): Promise<CliResult> {
  const audience = 'tachograph://test/controller';
  const token = await runCli(['dev-token', '--subject', subject, '--audience', audience], {
    env,
    nowMs: clock.nowMs(),
  });
  return runCli(argv, { env: { ...env, TACHO_TOKEN: token.out.trim() } });
}

async function record(number: number): Promise<string> {
  const sidecar = await installation.enrol('store');
  const stream = new TestStream({ stream: uuidOf(number) });
  await sidecar.open(stream.opening);
  stream.appendSession(uuidOf(number + 100));
  stream.append({ kind: 'stream.close' });
  expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
  return uuidOf(number + 100);
}

const reason = ['--reason', 'case 4711'];
const objects = async (): Promise<number> =>
  (await installation.names('v1/records/')).length + (await installation.names('v1/sessions/')).length;

test('a hold keeps a session over a purge, and its release lets it go', async () => {
  const session = await record(1);
  await record(2);
  const placed = await as('carol', 'hold', 'place', '--session', session, ...reason);
  expect([placed.code, placed.out]).toEqual([0, expect.stringMatching(/^\S+ held: 2 of 2 objects\n$/)]);
  const [hold = ''] = placed.out.split(' ');
  expect((await as('carol', 'hold', 'list')).out).toMatch(
    new RegExp(`${hold} .*carol +2 +session=${session} +held +case`),
  );

  const early = await as('carol', 'purge', ...reason);
  expect(early.out).toBe('0 objects deleted\nleft alone: 2 held, 2 within retention\n');
  aheadMs = 48 * 3_600_000;
  const dry = await as('carol', 'purge', '--dry-run', ...reason);
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('1 or more objects are out of retention')]);
  expect(await objects()).toBe(4);
  const purged = JSON.parse((await as('carol', 'purge', '--json', ...reason)).out) as { purges: string[] };
  expect(purged).toMatchObject({ objects: 2, deleted: 2, refused: 0, held: 2 });
  expect(await objects()).toBe(2);
  const leaves = await installation.leavesOf('purge');
  expect(leaves.map(({ purge }) => purge)).toEqual(purged.purges);

  expect((await as('carol', 'hold', 'release', hold, ...reason)).out).toBe(`${hold} released: 2 of 2 objects\n`);
  expect((await as('carol', 'purge', ...reason)).out).toMatch(/^2 objects deleted/);
  expect(await objects()).toBe(0);
});

test('what was purged verifies as purged by policy', async () => {
  await record(1);
  aheadMs = 48 * 3_600_000;
  await as('carol', 'purge', ...reason);
  const [closed] = await installation.leavesOf('stream.close');
  expect(closed).toBeDefined();
  await until('a checkpoint over the purge', async () => {
    const { size } = { size: (await installation.leaves()).length };
    const names = await installation.names('v1/log/checkpoint/');
    return names.some((name) => Number(name.slice(-16)) >= size) ? true : undefined;
  });
  const policy = join(installation.dir, 'policy.txt');
  await writeFile(policy, (await runCli(['trust', 'export'], { env })).out);
  const { code, out } = await runCli(['verify', join(installation.dir, 'bucket'), '--policy', policy, '--json']);
  expect(out).toContain('object.purged');
  expect(out).not.toContain('object.missing');
  expect([0, 2]).toContain(code);
});

test('a hold that was taken off by hand is placed again', async () => {
  const session = await record(1);
  const [hold = ''] = (await as('carol', 'hold', 'place', '--session', session, ...reason)).out.split(' ');
  const custody = openCustody(join(installation.dir, 'bucket'));
  for (const name of await installation.names('v1/records/')) await custody.setHold(name, '1', false);
  expect((await as('carol', 'hold', 'apply', hold)).out).toBe(`${hold} held: 2 of 2 objects\n`);
  for (const name of await installation.names('v1/records/')) {
    expect(await custody.objectState(name, '1')).toMatchObject({ held: true });
  }
});

test('a verification that was reported is a metric', async () => {
  const audience = 'tachograph://test/controller';
  const token = await runCli(['dev-token', '--subject', 'carol', '--audience', audience], {
    env,
    nowMs: clock.nowMs(),
  });
  const asCarol = { env: { ...env, TACHO_TOKEN: token.out.trim() } };
  const stdin = JSON.stringify({ verdict: 'incomplete', exitCode: 2, checkpoint: { size: 12 } });
  expect(await runCli(['report'], { ...asCarol, stdin })).toMatchObject({ code: 0, out: 'reported: incomplete\n' });
  expect((await runCli(['report'], { ...asCarol, stdin: '{"verdict":"fine"}' })).code).toBe(64);
  const admin = `http://127.0.0.1:${installation.controllers[0]?.adminPort}/metrics`;
  const metrics = await (await fetch(admin)).text();
  expect(metrics).toContain('tachograph_verifications_total{verdict="incomplete"} 1\n');
  expect(metrics).toContain('tachograph_verification_size 12\n');
});

describe('is told why not', () => {
  test('who is no custodian', async () => {
    const { code, err } = await as('bob', 'purge', ...reason);
    expect([code, err]).toEqual([1, expect.stringContaining('(not_a_custodian)')]);
  });

  test('who holds nothing, or all', async () => {
    expect((await as('carol', 'hold', 'place', '--session', uuidOf(7), ...reason)).code).toBe(3);
    expect((await as('carol', 'hold', 'place', ...reason)).code).toBe(64);
    expect((await as('carol', 'hold', 'place', '--session', uuidOf(7))).code).toBe(64);
    expect((await as('carol', 'hold', 'release', uuidOf(7), ...reason)).code).toBe(3);
  });
});
