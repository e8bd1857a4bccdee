/** `tacho pull` and `tacho sessions` against the emulator, over HTTP. */
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatorServer, startEmulator } from '@tachograph/gcs-emulator';
import { openStore } from '@tachograph/store';
import { ArchiveBuilder } from '../packages/cli/src/testing/archive-builder.ts';
import { type CliResult, runCli } from '../packages/cli/src/testing/run-cli.ts';

const hold = '01932b00-0000-7000-8000-00000000f01d';
const ids = {
  alice: '01932b00-0000-7000-8000-0000000000a1',
  bob: '01932b00-0000-7000-8000-0000000000b0',
  open: '01932b00-0000-7000-8000-00000000000f',
};

let root = '';
let emulator: EmulatorServer;
let policy = '';
let blobs = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tacho-pull-'));
  emulator = await startEmulator({ dataDir: join(root, 'gcs'), clock: Date.now, buckets: ['archive', 'empty'] });
  const store = openStore('gs://archive', { apiEndpoint: emulator.url });
  const archive = new ArchiveBuilder(store);
  policy = join(root, 'policy.txt');
  writeFileSync(policy, archive.policy);
  const files = archive.openStream();
  const call = (session: string, tool: string): void => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}"}}`;
    files.add({ kind: 'mcp.request', session, dir: 'c2s', gen_ai_tool_name: tool, body });
  };
  files.add({ kind: 'session.open', session: ids.alice });
  call(ids.alice, 'delete_file');
  const blob = await files.blob('{"big":"answer"}');
  blobs = blob.sha256;
  files.add({ kind: 'mcp.response', session: ids.alice, dir: 's2c', blob });
  const alice = await files.close(ids.alice);
  files.end();
  const wiki = archive.openStream({ namespace: 'team-b', workload: 'wiki' });
  wiki.add({ kind: 'session.open', session: ids.bob });
  wiki.add({ kind: 'mcp.request', session: ids.bob, dir: 'c2s', gen_ai_tool_name: 'search', body: '{}' });
  await wiki.close(ids.bob, {
    principal: { iss: 'i', sub: 'bob', type: 'human' },
    opened: '2026-11-20T10:00:00.000Z',
    ended: '2026-11-20T11:00:00.000Z',
  });
  wiki.add({ kind: 'session.open', session: ids.open, principal: { iss: 'i', sub: 'carol', type: 'human' } });
  wiki.add({ kind: 'mcp.request', session: ids.open, dir: 'c2s', gen_ai_tool_name: 'search', body: '{}' });
  await wiki.seal();
  const by = { iss: 'https://issuer.example', sub: 'counsel' };
  const objects = alice.segments.map(({ object, generation }) => ({ object, generation }));
  for await (const { name, generation } of store.list('v1/')) {
    if (name.includes(ids.alice) || name.endsWith(blobs)) objects.push({ object: name, generation });
  }
  const at = '2026-11-21T12:00:00.000Z';
  archive.leaf({
    v: 1,
    type: 'hold.placed',
    hold,
    selection: { subject: 'alice' },
    objects,
    part: 1,
    parts: 1,
    by,
    reason: 'case 42',
    at,
  });
  await archive.publish();
});

afterAll(async () => {
  await emulator.close();
  rmSync(root, { recursive: true, force: true });
});

async function tacho(...argv: readonly string[]): Promise<CliResult> {
  return await runCli([...argv, '--bucket', 'gs://archive', '--endpoint', emulator.url]);
}

async function pull(name: string, ...args: readonly string[]): Promise<CliResult & { readonly out_dir: string }> {
  const dir = join(root, name);
  return { ...(await tacho('pull', '--out', dir, ...args)), out_dir: dir };
}

async function verified(dir: string): Promise<number> {
  return (await runCli(['verify', dir, '--policy', policy])).code;
}

function filesOf(dir: string): readonly string[] {
  return globSync('v1/{records,sessions,blobs}/**/*', { cwd: dir, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

describe('sessions of a bucket', () => {
  test.each([
    [['--subject', 'alice'], ['alice']],
    [['--subject', 'carol'], ['open']],
    [
      ['--server', 'wiki'],
      ['bob', 'open'],
    ],
    [
      ['--server', 'team-b/wiki'],
      ['bob', 'open'],
    ],
    [['--server', 'team-a/wiki'], []],
    [['--tool', 'delete_file'], ['alice']],
    [
      ['--tool', 'search'],
      ['bob', 'open'],
    ],
    [['--tool', 'search', '--subject', 'bob'], ['bob']],
    [['--namespace', 'team-b', '--to', '2026-11-20'], ['bob']],
    [
      ['--from', '2026-11-20T11:00:01Z'],
      ['alice', 'open'],
    ],
    [['--from', '2026-11-20', '--to', '2026-11-20T10:00:00Z'], []],
    [['--hold', hold], ['alice']],
  ] as const)('%j are %j', async (args, expected) => {
    const { code, out } = await tacho('sessions', '--open', '--json', ...args);
    expect(code).toBe(0);
    const { sessions } = JSON.parse(out) as { sessions: { session: string }[] };
    expect(sessions.map(({ session }) => session).toSorted()).toEqual(expected.map((name) => ids[name]).toSorted());
  });

  test('says open of a session without a manifest, and leaves it out unless it is asked for', async () => {
    expect((await tacho('sessions', '--open')).out).toMatch(
      new RegExp(`${ids.open} .* team-b/wiki .* carol .* 2 +open`),
    );
    expect((await tacho('sessions')).out).not.toContain(ids.open);
  });

  test('exits 3 for a hold that is not there', async () => {
    expect(await tacho('sessions', '--hold', 'x')).toMatchObject({
      code: 3,
      err: 'tacho: no hold x in this archive\n',
    });
  });
});

describe('a pull by selection', () => {
  test('takes a session’s segments, manifest and blob with the whole log, and verifies', async () => {
    const { code, out_dir } = await pull('alice', '--subject', 'alice', '--tool', 'delete_file');
    expect(code).toBe(0);
    expect(filesOf(out_dir)).toHaveLength(3);
    expect(JSON.parse(readFileSync(join(out_dir, 'pull.json'), 'utf8'))).toMatchObject({
      selection: { kind: 'sessions', subject: 'alice', tool: 'delete_file' },
      sessions: [ids.alice],
    });
    expect(await verified(out_dir)).toBe(0);
  });

  test('takes a session that is still open', async () => {
    const { code, out, out_dir } = await pull('open', '--session', ids.open);
    // With the segment before it: the request that opened the session may stand at its end.
    expect([code, filesOf(out_dir).length]).toEqual([0, 2]);
    expect(out).toContain('of 1 sessions');
    expect(await verified(out_dir)).toBe(0);
  });

  test('takes exactly what a hold names', async () => {
    const { code, out_dir } = await pull('hold', '--hold', hold);
    expect([code, filesOf(out_dir).length]).toEqual([0, 3]);
    expect(await verified(out_dir)).toBe(0);
  });

  test('takes everything, and keeps all of it the second time', async () => {
    const first = JSON.parse((await pull('all', '--all', '--json')).out);
    expect(first).toMatchObject({ fetched: 8, kept: 0, differs: 0, absent: 0, refused: 0 });
    expect(JSON.parse((await pull('all', '--all', '--json')).out)).toMatchObject({ fetched: 0, kept: 8 });
    expect(await verified(join(root, 'all'))).toBe(0);
  });

  test('finds what a half pull lacks missing, and completes it', async () => {
    const { out_dir } = await pull('half', '--all');
    rmSync(join(out_dir, globSync('v1/records/**/*.gz', { cwd: out_dir })[0] ?? ''));
    expect(await verified(out_dir)).toBe(3);
    expect(JSON.parse((await pull('half', '--all', '--json')).out)).toMatchObject({ fetched: 1, kept: 7 });
    expect(await verified(out_dir)).toBe(0);
  });
});

describe('bad input of a pull', () => {
  test.each([
    ['no selection', [], 64, 'expected one of --session ID, --all, --hold ID, or filters'],
    ['two selections', ['--all', '--subject', 'alice'], 64, 'expected one of'],
    ['an unknown session', ['--session', 'x'], 3, 'no session x in this archive'],
    ['an unknown hold', ['--hold', 'x'], 3, 'no hold x in this archive'],
  ])('%s', async (name, args, code, sentence) => {
    const result = await pull(name, ...args);
    expect([result.code, result.err]).toEqual([code, expect.stringContaining(sentence)]);
  });

  test('a bucket that does not exist is a missing input', async () => {
    const result = await runCli([
      'pull',
      '--bucket',
      'gs://nowhere',
      '--endpoint',
      emulator.url,
      '--all',
      '--out',
      join(root, 'nowhere'),
    ]);
    expect(result).toMatchObject({ code: 3, err: 'tacho: list v1/records/: the bucket does not exist\n' });
  });

  test('a directory that holds something else is left alone', async () => {
    const dir = join(root, 'documents');
    mkdirSync(dir);
    writeFileSync(join(dir, 'thesis.txt'), 'mine');
    const { code, err } = await pull('documents', '--all');
    expect([code, err]).toEqual([
      64,
      `tacho: ${dir} holds more than a pulled archive (thesis.txt): choose an empty directory\n`,
    ]);
    expect(globSync('**/*', { cwd: dir })).toEqual(['thesis.txt']);
  });

  test('a directory of another pull is left alone', async () => {
    await pull('mixed', '--subject', 'bob');
    expect(await pull('mixed', '--all')).toMatchObject({
      code: 64,
      err: expect.stringContaining('holds a pull of {"kind":"sessions"'),
    });
  });

  test('a directory that a living process pulls into is left alone', async () => {
    const dir = join(root, 'busy');
    mkdirSync(join(dir, '.tachograph-pending'), { recursive: true });
    writeFileSync(join(dir, '.tachograph-pending', 'lock'), String(process.ppid));
    expect(await pull('busy', '--all')).toMatchObject({
      code: 64,
      err: expect.stringContaining('another pull (process'),
    });
  });

  test('a link within the directory is not written through', async () => {
    const dir = join(root, 'linked');
    const outside = join(root, 'outside');
    mkdirSync(join(dir, 'v1'), { recursive: true });
    mkdirSync(outside);
    symlinkSync(outside, join(dir, 'v1', 'log'));
    expect(await pull('linked', '--all')).toMatchObject({ code: 1, err: expect.stringContaining('is a link') });
    expect(globSync('**/*', { cwd: outside })).toEqual([]);
  });

  test('a leaf that names an object outside of the directory writes nothing there', async () => {
    const store = openStore('gs://empty', { apiEndpoint: emulator.url });
    const archive = new ArchiveBuilder(store);
    const stream = archive.openStream();
    const leaf = await stream.seal();
    const evil = 'v1/records/cluster=demo/namespace=team-a/dt=2026-11-21/../../../../../../escaped';
    archive.leaf({ ...leaf, object: evil });
    await archive.publish();
    const dir = join(root, 'deep', 'er', 'target');
    const { code, err } = await runCli([
      'pull',
      '--bucket',
      'gs://empty',
      '--endpoint',
      emulator.url,
      '--all',
      '--out',
      dir,
    ]);
    expect([code, err]).toEqual([1, `not written, the name leads outside of the directory: ${evil}\n`]);
    expect(globSync('**/escaped', { cwd: root })).toEqual([]);
  });

  test('damage at rest is kept as evidence and named', async () => {
    const dir = join(root, 'damage');
    const [file] = globSync(join(root, 'gcs', '**', '*'), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => createHash('sha256').update(readFileSync(path)).digest('hex') === blobs);
    const bytes = readFileSync(file ?? '');
    writeFileSync(
      file ?? '',
      bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
    );
    const { code, err } = await pull('damage', '--subject', 'alice');
    writeFileSync(file ?? '', bytes);
    expect([code, err]).toEqual([1, expect.stringMatching(`^differs from the log: v1/blobs/.*${blobs}\n$`)]);
    expect(await verified(dir)).toBe(1);
  });
});

/** A large segment that is damaged at rest is kept, and named. */
async function expectEvidence(server: EmulatorServer, object: string): Promise<void> {
  const match = { bucket: 'archive', objectPrefix: object };
  await fetch(`${server.url}/emulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'corrupt-at-rest', how: 'flip', match }),
  });
  const dir = join(root, 'large-damage');
  const argv = ['pull', '--bucket', 'gs://archive', '--endpoint', server.url, '--all', '--out', dir];
  expect(await runCli(argv)).toMatchObject({ code: 1, err: `differs from the log: ${object}\n` });
  expect(existsSync(join(dir, object))).toBe(true);
}

test('a killed pull leaves nothing half-written under a final name, and is completed by the next', async () => {
  const slow = await startEmulator({ dataDir: join(root, 'slow'), clock: Date.now, buckets: ['archive'] });
  try {
    const store = openStore('gs://archive', { apiEndpoint: slow.url });
    const archive = new ArchiveBuilder(store);
    const stream = archive.openStream();
    const hashes = new Map<string, string>();
    for (let i = 0; i < 60; i += 1) {
      stream.add({
        kind: 'mcp.request',
        session: ids.alice,
        // Large enough to come in pieces, straight to the disk.
        body: randomBytes(300_000).toString('hex'),
      });
      const { object, sha256 } = await stream.seal();
      hashes.set(object, sha256);
    }
    await archive.publish();
    writeFileSync(policy, archive.policy);
    const dir = join(root, 'killed');
    const main = join(dirname(fileURLToPath(import.meta.url)), '../packages/cli/src/main.ts');
    const argv = ['pull', '--bucket', 'gs://archive', '--endpoint', slow.url, '--all', '--out', dir, '--parallel', '2'];
    // Slow enough that a kill always comes in the middle.
    slow.emulator.faults.add({
      kind: 'slow',
      delayMs: 50,
      times: 75,
      match: { method: 'GET', objectPrefix: 'v1/records/' },
    });
    const present = (): readonly string[] => globSync('v1/records/**/*.gz', { cwd: dir });
    for (let round = 0; round < 3; round += 1) {
      const child = fork(main, argv, { execArgv: ['--conditions=source'], stdio: 'ignore' });
      const before = present().length;
      for (let wait = 0; wait < 2000 && present().length <= before + 5 && child.exitCode === null; wait += 1)
        await delay(5);
      expect(child.exitCode).toBeNull();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      for (const name of present()) {
        expect(
          createHash('sha256')
            .update(readFileSync(join(dir, name)))
            .digest('hex'),
        ).toBe(hashes.get(name));
      }
    }
    const killed = present().length;
    expect(killed).toBeGreaterThan(5);
    expect(killed).toBeLessThan(60);
    const { code, out } = await runCli([...argv, '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ differs: 0, absent: 0 })]);
    expect((JSON.parse(out) as { kept: number }).kept).toBeGreaterThanOrEqual(killed);
    expect(existsSync(join(dir, '.tachograph-pending'))).toBe(false);
    expect((await runCli(['verify', dir, '--policy', policy])).code).toBe(0);
    await expectEvidence(slow, [...hashes.keys()][7] ?? '');
  } finally {
    await slow.close();
  }
});
