/** `tacho evidence` on what a real installation archived, registered with its controller. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCli, type CliResult } from '../packages/cli/src/testing/run-cli.ts';
import { startInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';
import { TestStream, uuidOf } from '../packages/controller/src/testing/test-stream.ts';

let installation: Installation;
let env: Readonly<Record<string, string>>;
let dir: string;

beforeEach(async () => {
  installation = await startInstallation({ environment: { TACHO_CUSTODIANS: 'carol' } });
  env = { TACHO_STATE: installation.state };
  dir = await mkdtemp(join(tmpdir(), 'tacho-evidence-'));
  await writeFile(join(dir, 'policy.txt'), `log ${await installation.vkey()}\nquorum none\n`);
});
afterEach(async () => {
  await installation.close();
  await rm(dir, { recursive: true, force: true });
});

async function as(subject: string, ...argv: readonly string[]): Promise<CliResult> {
  const audience = 'tachograph://test/controller';
  const token = await runCli(['dev-token', '--subject', subject, '--audience', audience], { env, nowMs: Date.now() });
  return runCli(argv, { env: { ...env, TACHO_TOKEN: token.out.trim() } });
}

function evidenceInto(out: string): readonly string[] {
  const bucket = join(installation.dir, 'bucket');
  const where = ['--archive', bucket, '--policy', join(dir, 'policy.txt'), '--out', join(dir, out)];
  return [
    'evidence',
    'soc2',
    '--from',
    '2020-01-01',
    '--to',
    '2039-12-31',
    ...where,
    '--register',
    '--reason',
    'audit 17',
  ];
}

async function record(): Promise<void> {
  const sidecar = await installation.enrol('store');
  const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
  await sidecar.open(stream.opening);
  stream.appendSession(uuidOf(101));
  stream.append({ kind: 'stream.close' });
  expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
  await covered();
}

/** Every leaf is under a checkpoint. */
async function covered(): Promise<void> {
  const size = (await installation.leaves()).length;
  await until('a checkpoint', async () => {
    const names = await installation.names('v1/log/checkpoint/');
    return Number(names.at(-1)?.slice(-16)) >= size ? true : undefined;
  });
}

test('an export is a leaf, which states the hash of its index, and the next export shows it', async () => {
  await record();
  const first = await as('carol', ...evidenceInto('first'));
  expect([first.code, first.err]).toEqual([0, expect.stringMatching(/^registered as export [0-9a-f-]{36}\n$/)]);
  const index = await readFile(join(dir, 'first', 'index.json'), 'utf8');
  const sha256 = createHash('sha256').update(index).digest('hex');
  const checkpoint = (JSON.parse(index) as { readonly checkpoint: unknown }).checkpoint;
  expect(await installation.leavesOf('export')).toMatchObject([
    {
      what: 'evidence',
      sha256,
      checkpoint,
      by: { sub: 'carol' },
      reason: 'soc2: audit 17',
      counts: { 'calls.cef': 1 },
    },
  ]);
  await covered();
  await as('carol', ...evidenceInto('second'));
  const { rows } = JSON.parse(await readFile(join(dir, 'second', 'privileged-actions.json'), 'utf8')) as {
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  };
  expect(rows.filter(({ action }) => action === 'export')).toMatchObject([{ by_subject: 'carol', source: 'leaf' }]);
});

test('who is no custodian registers nothing, and learns why', async () => {
  await record();
  const { code, err } = await as('mallory', ...evidenceInto('out'));
  expect([code, err]).toEqual([1, expect.stringContaining('(not_a_custodian)')]);
  expect(await installation.leavesOf('export')).toEqual([]);
});
