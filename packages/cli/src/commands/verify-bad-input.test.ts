/** What people and attackers give to `tacho verify` instead of an archive: each has a sentence and an exit code of its own. */
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createNoteKey,
  createTree,
  formatLogPolicy,
  formatVkey,
  hashLogLeaf,
  signBatch,
  signCheckpoint,
  signNote,
} from '@tachograph/archive';
import { logOrigin, objectNames } from '@tachograph/protocol';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { runCli } from '../testing/run-cli.ts';
import { type TestArchive, writeTestArchive } from '../testing/test-archive.ts';

const root = mkdtempSync(join(tmpdir(), 'tacho-bad-input-'));
const good = join(root, 'good');
let archive: TestArchive;

beforeAll(async () => {
  mkdirSync(good);
  archive = await writeTestArchive(good);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What to verify, and by which policy. */
interface Given {
  readonly address: string;
  readonly policy?: string;
}

interface Case {
  readonly name: string;
  readonly make: (dir: string) => Given;
  readonly code: number;
  /** Of the finding or the refusal. */
  readonly sentence: RegExp;
}

function put(dir: string, name: string, bytes: string | Uint8Array): void {
  mkdirSync(join(dir, name, '..'), { recursive: true });
  writeFileSync(join(dir, name), bytes);
}

function copy(dir: string): string {
  cpSync(good, dir, { recursive: true });
  return dir;
}

/** A copy whose object `name` is changed. */
function damaged(name: () => string, change: (bytes: Buffer) => Uint8Array): (dir: string) => Given {
  return (dir) => {
    copy(dir);
    put(dir, name(), change(readFileSync(join(dir, name()))));
    return { address: dir };
  };
}

const segment = (): string => archive.segment;

function changeLines(change: (lines: string[]) => string[]): (bytes: Buffer) => Uint8Array {
  return (bytes) => gzipSync(change(gunzipSync(bytes).toString('utf8').split('\n')).join('\n'));
}

function flipBit(bytes: Buffer): Uint8Array {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
  return bytes;
}

function pullList(dir: string, list: object): Given {
  copy(dir);
  put(dir, 'pull.json', JSON.stringify(list));
  return { address: dir };
}

/** A log of these leaves alone, under a key of its own. */
function logOf(dir: string, leaves: readonly string[], asBatch?: (text: string) => string): Given {
  const pair = generateKeyPairSync('ed25519');
  const key = createNoteKey(nodeCrypto, logOrigin('demo'), pair.publicKey.export({ type: 'spki', format: 'der' }));
  const by = (message: Uint8Array): Uint8Array => sign(null, message, pair.privateKey);
  const tree = createTree(nodeCrypto);
  for (const leaf of leaves) tree.append(hashLogLeaf(nodeCrypto, leaf));
  const batch = signBatch({ origin: key.name, firstIndex: 0, leaves }, key, by);
  const text = batch.slice(0, batch.indexOf('\n\n') + 1);
  put(dir, objectNames.batch(0), asBatch === undefined ? batch : signNote(asBatch(text), key, by));
  if (asBatch === undefined) {
    const checkpoint = signCheckpoint({ origin: key.name, size: tree.size, root: tree.root() }, key, by);
    put(dir, objectNames.checkpoint(tree.size), checkpoint);
  }
  return { address: dir, policy: formatLogPolicy([formatVkey(key)]) };
}

const action = (at: string): string => JSON.stringify({ v: 1, type: 'admin.action', action: 'replay', detail: {}, at });

const cases: readonly Case[] = [
  {
    name: 'a path that is not there',
    make: (dir) => ({ address: join(dir, 'nowhere') }),
    code: 3,
    sentence: /tacho: there is no \S*nowhere/,
  },
  {
    name: 'a directory that is no archive',
    make(dir) {
      put(dir, 'holiday/photo.jpg', 'x');
      return { address: dir };
    },
    code: 3,
    sentence: /MISSING log.missing\n.*\n {2}this is no archive: it has no object of the format/,
  },
  {
    name: 'an archive without its log',
    make(dir) {
      copy(dir);
      rmSync(join(dir, 'v1/log'), { recursive: true });
      return { address: dir };
    },
    code: 3,
    sentence: /there is no log, though there are 3 other objects/,
  },
  {
    name: 'half a download: objects that are not there yet',
    make(dir) {
      const given = pullList(dir, { v: 1, selection: { kind: 'all' }, objects: [] });
      rmSync(join(dir, archive.segment));
      return given;
    },
    code: 3,
    sentence: /MISSING object.missing\n {2}v1\/records\S*\n {2}named by the log/,
  },
  {
    name: 'half a download: an object that ends early',
    make: damaged(segment, (bytes) => bytes.subarray(0, bytes.length >> 1)),
    code: 1,
    sentence: /TAMPERED object.bytes\n {2}v1\/records\S* line \d+\n {2}has \d+ of \d+ bytes: half a download, or cut/,
  },
  {
    name: 'half a download: a log whose last batch is not there',
    make(dir) {
      copy(dir);
      rmSync(join(dir, objectNames.batch(0)));
      put(dir, 'v1/log/batch/0000000000000004', 'x');
      return { address: dir };
    },
    code: 1,
    sentence: /checkpoint of size 4, but the batches reach 0 only/,
  },
  {
    name: 'a segment with one flipped bit',
    make: damaged(segment, flipBit),
    code: 1,
    sentence: /TAMPERED object.bytes\n {2}v1\/records\S* line \d\n {2}stored bytes differ from the log/,
  },
  {
    name: 'two lines of a segment that were swapped',
    make: damaged(
      segment,
      changeLines((lines) => [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)]),
    ),
    code: 1,
    sentence: /v1\/records\S* line 2\n {2}(?:stored bytes differ from the log; seq 2, expected 1|has \d+ of)/,
  },
  {
    name: 'an extra segment',
    make(dir) {
      copy(dir);
      const bytes = readFileSync(join(dir, archive.segment));
      put(dir, archive.segment.replace('000000000000-000000000005', '000000000006-000000000011'), bytes);
      return { address: dir };
    },
    code: 1,
    sentence: /TAMPERED object.unlogged\n.*\n {2}a segment that the log does not name/,
  },
  {
    name: 'an extra file of no kind that the format knows',
    make(dir) {
      copy(dir);
      put(dir, 'v1/records/notes.txt', 'x');
      return { address: dir };
    },
    code: 0,
    sentence: /NOTE object.foreign\n {2}v1\/records\/notes.txt\n {2}not a segment name/,
  },
  {
    name: 'a noncurrent generation in the bucket that was pulled',
    make: (dir) =>
      pullList(dir, {
        v: 1,
        selection: { kind: 'all' },
        objects: [],
        noncurrent: [{ name: archive.segment, generation: '7' }],
      }),
    code: 1,
    sentence: /TAMPERED object.noncurrent\n.*\n {2}generation 7 was hidden or deleted in the bucket/,
  },
  {
    name: "a log's clock that went back",
    make: (dir) => logOf(dir, [action('2026-11-21T11:00:00.000Z'), action('2026-11-21T09:00:00.000Z')]),
    code: 2,
    sentence:
      /INCOMPLETE log.time\n.* line 6\n {2}the log's clock went back: 2026-11-21T09:00:00.000Z after 2026-11-21T11/,
  },
  {
    name: 'a clock of this machine in the past',
    make: (dir) => logOf(dir, [action('2026-11-21T12:30:00.000Z')]),
    code: 0,
    sentence:
      /NOTE log.future\n.*\n {2}the newest leaf is of 2026-11-21T12:30:00.000Z, but here it is 2026-11-21T12:00/,
  },
  {
    name: 'a leaf of a future format',
    make: (dir) => logOf(dir, ['{"v":2,"type":"segment"}']),
    code: 3,
    sentence: /MISSING format.newer\n.* line 5\n {2}leaf 0 is of format version 2, this verifier knows version 1/,
  },
  {
    name: 'a batch of a future format',
    make: (dir) => logOf(dir, ['{"v":1}'], (text) => text.replace('batch/v1', 'batch/v2')),
    code: 3,
    sentence: /MISSING format.newer\n {2}v1\/log\/batch\/0000000000000000\n {2}is of format version 2/,
  },
  {
    name: 'a pull list of a future format',
    make: (dir) => pullList(dir, { v: 2 }),
    code: 3,
    sentence: /MISSING format.newer\n {2}pull.json\n {2}is of format version 2/,
  },
  {
    name: 'a key of a future format',
    make(dir) {
      copy(dir);
      put(dir, `v1/keys/${'a'.repeat(32)}.json`, '{"v":2}');
      return { address: dir };
    },
    code: 3,
    sentence: /MISSING format.newer\n {2}v1\/keys\/a+\.json\n/,
  },
  {
    name: 'a key that is none',
    make(dir) {
      copy(dir);
      put(dir, `v1/keys/${'a'.repeat(32)}.json`, '{"v":1}');
      return { address: dir };
    },
    code: 1,
    sentence: /TAMPERED key.object\n/,
  },
  {
    name: 'a policy that is an archive',
    make: (dir) => ({ address: copy(dir), policy: '{"v":1}' }),
    code: 64,
    sentence: /policy.txt line 1: expected log, witness, group or quorum/,
  },
  {
    name: 'a policy of another log',
    make: (dir) => ({
      address: copy(dir),
      policy: logOf(join(dir, 'other'), [action('2026-11-21T11:00:00Z')]).policy ?? '',
    }),
    code: 1,
    sentence: /TAMPERED batch.invalid\n {2}v1\/log\/batch\/0000000000000000\n {2}signed note is unsigned/,
  },
];

/** Every file below a directory, with its hash. */
function listing(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => `${file} ${hash('sha256', readFileSync(file), 'hex')}`)
    .toSorted();
}

describe('tacho verify', () => {
  test.each(cases.map((it) => [it.name, it] as const))('of %s', async (_name, { make, code, sentence }) => {
    const dir = mkdtempSync(join(root, 'case-'));
    const given = make(join(dir, 'archive'));
    const policy = join(dir, 'policy.txt');
    writeFileSync(policy, given.policy ?? archive.policy);
    const before = listing(dir);
    const result = await runCli(['verify', given.address, '--policy', policy]);
    expect(`${result.out}${result.err}`).toMatch(sentence);
    expect(result.code).toBe(code);
    expect(listing(dir)).toEqual(before);
  });

  test('says each of these in its own words', () => {
    expect(new Set(cases.map(({ sentence }) => sentence.source)).size).toBe(cases.length);
  });
});
