import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createDirectoryStore } from './directory-store.ts';
import type { ObjectEntry, ObjectStore } from './object-store.ts';
import { StoreError } from './store-error.ts';

const utf8 = (text: string): Buffer => Buffer.from(text);
let root: string;
let store: ObjectStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tachograph-store-'));
  store = createDirectoryStore(join(root, 'archive'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const bytes = utf8('bytes');
const compare = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

async function names(entries: AsyncIterable<ObjectEntry>): Promise<string[]> {
  const all: string[] = [];
  for await (const entry of entries) all.push(entry.name);
  return all;
}

test('an object is a plain file at its name', async () => {
  await store.create('v1/records/cluster=c/x.jsonl.gz', bytes);
  expect(await readdir(join(root, 'archive', 'v1', 'records', 'cluster=c'))).toEqual(['x.jsonl.gz']);
});

test('nothing is left behind, and nothing half written can be listed', async () => {
  await store.create('a', bytes);
  await store.create('a', bytes);
  await store.put('b', bytes);
  expect(await readdir(join(root, 'archive', '.tachograph-pending'))).toEqual([]);
  await writeFile(join(root, 'archive', '.tachograph-pending', 'torn'), 'half');
  expect(await names(store.list(''))).toEqual(['a', 'b']);
});

test.each([
  '../outside',
  '/etc/passwd',
  'a/../../outside',
  'a//b',
  'a/',
  './a',
  '.tachograph-pending/x',
  'nul\0byte',
  'x'.repeat(300),
])('refuses the name %j for reading and for writing', async (name) => {
  await expect(store.create(name, bytes)).rejects.toMatchObject({ code: 'invalid_name' });
  await expect(store.put(name, bytes)).rejects.toMatchObject({ code: 'invalid_name' });
  await expect(store.get(name)).rejects.toMatchObject({ code: 'invalid_name' });
});

test('no name leads out of the directory', async () => {
  await writeFile(join(root, 'secret'), 'secret');
  const part = fc.constantFrom('..', '.', '', 'a', '/', '\\', '...', 'secret');
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
      const found = await store.get(parts.join('/')).catch((error: unknown) => error);
      expect(found === undefined || found instanceof StoreError).toBe(true);
    }),
  );
});

test('links are neither followed nor listed', async () => {
  await store.create('a', bytes);
  await writeFile(join(root, 'secret'), 'secret');
  await symlink(join(root, 'secret'), join(root, 'archive', 'link'));
  await expect(store.get('link')).rejects.toMatchObject({ code: 'io' });
  expect(await names(store.list(''))).toEqual(['a']);
  expect(await store.create('link', bytes).catch((error: unknown) => error)).toMatchObject({ code: 'io' });
});

test('a name below an object, or above one, is refused, and reads as absent', async () => {
  await store.create('a/b', bytes);
  await expect(store.create('a/b/c', bytes)).rejects.toMatchObject({ code: 'invalid_name' });
  await expect(store.create('a', bytes)).rejects.toMatchObject({ code: 'invalid_name' });
  expect(await store.get('a/b/c')).toBeUndefined();
  expect(await store.get('a')).toBeUndefined();
});

test('a directory that is a file is an io error, one that is missing is no_bucket', async () => {
  await expect(names(store.list(''))).rejects.toMatchObject({ code: 'no_bucket' });
  await writeFile(join(root, 'file'), '');
  const inFile = createDirectoryStore(join(root, 'file'));
  await expect(names(inFile.list(''))).rejects.toMatchObject({ code: 'io' });
  await expect(inFile.create('a', bytes)).rejects.toMatchObject({ name: 'StoreError' });
});

test('many writers of one name: exactly one creates', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `writer ${index}`);
  const outcomes = await Promise.all(texts.map(async (text) => await store.create('race', Buffer.from(text))));
  expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(19);
});

describe('listing', () => {
  test('order, prefix and offset are those of the full names', async () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', 'é', '\u{1F512}'), minLength: 1, maxLength: 2 });
    const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { maxLength: 12 }),
        fc.oneof(name, fc.constant('')),
        fc.oneof(name, fc.constant('')),
        async (all, prefix, startOffset) => {
          run += 1;
          const directory = join(root, String(run));
          await mkdir(directory);
          const listed = createDirectoryStore(directory);
          const kept = new Set<string>();
          for (const each of all) {
            await listed.create(each, bytes).then(
              () => kept.add(each),
              () => undefined,
            );
          }
          const expected = [...kept]
            .filter((each) => each.startsWith(prefix) && compare(each, startOffset) >= 0)
            .toSorted(compare);
          expect(await names(listed.list(prefix, { startOffset }))).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});
