/** `tacho evidence` on a bucket: the lock is asked for, and objects are read as the bucket keeps them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmulatorServer, startEmulator } from '@tachograph/gcs-emulator';
import { createDirectoryStore, openStore } from '@tachograph/store';
import { callRecords, day, writeEvidenceArchive } from '../packages/cli/src/testing/evidence-archive.ts';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';

let gcs: EmulatorServer;
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-evidence-'));
  gcs = await startEmulator({ dataDir: join(dir, 'gcs'), clock: Date.now });
});
afterAll(async () => {
  await gcs.close();
  await rm(dir, { recursive: true, force: true });
});

test('a bucket is asked for its lock, and its records are exported', async () => {
  const bucket = ['--bucket', 'gs://recordings', '--endpoint', gcs.url, '--location', 'EUROPE-WEST4', '--project', 'p'];
  const made = await runCli(['bucket', 'init', ...bucket, '--retention', '7y', '--lock', '--yes-lock']);
  expect([made.code, made.err]).toEqual([0, '']);
  const { policy } = await writeEvidenceArchive(join(dir, 'archive'), { records: callRecords(1, 'read_file') });
  await writeFile(join(dir, 'policy.txt'), policy);
  const from = createDirectoryStore(join(dir, 'archive'));
  const to = openStore('gs://recordings', { apiEndpoint: gcs.url });
  for await (const { name } of from.list('v1/')) await to.create(name, (await from.get(name)) ?? Buffer.from(''));

  const where = ['--archive', 'gs://recordings', '--endpoint', gcs.url, '--policy', join(dir, 'policy.txt')];
  const out = join(dir, 'out');
  const run = await runCli(['evidence', 'iso27001', '--from', day, '--to', day, ...where, '--out', out]);
  expect([run.code, run.err]).toEqual([0, '']);
  const { rows, header } = JSON.parse(await readFile(join(out, 'data-protection.json'), 'utf8')) as {
    readonly rows: readonly Readonly<Record<string, unknown>>[];
    readonly header: Readonly<Record<string, unknown>>;
  };
  const lock = new Map(rows.filter(({ section }) => section === 'lock').map(({ item, value }) => [item, value]));
  expect(lock.get('lock')).toBe('locked');
  expect(lock.get('versioning')).toBe('on');
  expect(header).toMatchObject({ archive: 'gs://recordings', counts: { calls: 1, recordsInPeriod: 6 }, gaps: [] });
});
