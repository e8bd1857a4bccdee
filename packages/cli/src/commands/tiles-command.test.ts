import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBundle } from '@tachograph/archive';
import { runCli } from '../testing/run-cli.ts';
import { writeTestArchive, type TestArchive } from '../testing/test-archive.ts';

let dir: string;
let archive: TestArchive;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-cli-tiles-'));
  archive = await writeTestArchive(join(dir, 'archive'));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

const checkpointFile = (): string => join(dir, 'archive/v1/log/checkpoint/0000000000000004');

const tiles = async (...args: readonly string[]) => runCli(['tiles', '--from', join(dir, 'archive'), ...args]);

async function filesOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();
}

test('writes the log of an archive as tlog-tiles', async () => {
  const to = join(dir, 'tiles');
  expect(await tiles('--to', to)).toMatchObject({ code: 0, err: '' });
  const checkpoint = await readFile(join(to, 'checkpoint'), 'utf8');
  expect(checkpoint).toBe(archive.checkpoint);
  const size = Number(checkpoint.split('\n')[1]);
  expect(await filesOf(to)).toEqual(['checkpoint', `tile/0/000.p/${size}`, `tile/entries/000.p/${size}`]);
  const entries = parseBundle(await readFile(join(to, `tile/entries/000.p/${size}`))) ?? [];
  expect(entries.map((entry) => JSON.parse(Buffer.from(entry).toString()))).toHaveLength(size);
});

test('writes nothing a second time', async () => {
  await tiles('--to', join(dir, 'tiles'));
  const again = await tiles('--to', join(dir, 'tiles'), '--json');
  expect(JSON.parse(again.out)).toMatchObject({ written: 0 });
});

test('refuses leaves that do not have the root of the checkpoint', async () => {
  const path = checkpointFile();
  const note = await readFile(path, 'utf8');
  const [origin = '', size = '', root = '', ...rest] = note.split('\n');
  await writeFile(path, [origin, size, root.replace(/^./, root.startsWith('A') ? 'B' : 'A'), ...rest].join('\n'));
  expect(await tiles('--to', join(dir, 'tiles'))).toMatchObject({ code: 1 });
});

test('says that an archive without a checkpoint has none', async () => {
  await rm(checkpointFile());
  const { code, err } = await tiles('--to', join(dir, 'tiles'));
  expect({ code, err }).toEqual({ code: 3, err: `tacho: no checkpoint in ${join(dir, 'archive')}\n` });
});

test.each([
  ['nothing to write to', []],
  ['an address that is none', ['--to', 'ftp://x']],
])('wants %s put right', async (_what, args) => {
  expect(await tiles(...args)).toMatchObject({ code: 64 });
});
