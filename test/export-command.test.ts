/** `tacho export` from the emulator, `tacho verify` of the zip, and the zip's own page. */
import { execFileSync } from 'node:child_process';
import { createHash, webcrypto } from 'node:crypto';
import { createWriteStream, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatorServer, startEmulator } from '@tachograph/gcs-emulator';
import { openStore } from '@tachograph/store';
import { ArchiveBuilder } from '../packages/cli/src/testing/archive-builder.ts';
import { type CliResult, runCli } from '../packages/cli/src/testing/run-cli.ts';
import { openExport } from '../packages/cli/src/export/read-export.ts';
import { writeZip } from '../packages/cli/src/export/write-zip.ts';

const session = '01932b00-0000-7000-8000-0000000000a1';
const other = '01932b00-0000-7000-8000-0000000000b0';
const open = '01932b00-0000-7000-8000-00000000000f';
const here = dirname(fileURLToPath(import.meta.url));

let root = '';
let emulator: EmulatorServer;
let zip = '';
let policy = '';
let witnessed = '';
let files: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  execFileSync(process.execPath, [join(here, '../scripts/verify-page.mjs')]);
  root = mkdtempSync(join(tmpdir(), 'tacho-export-'));
  emulator = await startEmulator({ dataDir: join(root, 'gcs'), clock: Date.now, buckets: ['archive'] });
  const archive = new ArchiveBuilder(openStore('gs://archive', { apiEndpoint: emulator.url }));
  const elsewhere = archive.openStream({ workload: 'wiki' });
  await elsewhere.seal();
  const stream = archive.openStream();
  for (let i = 0; i < 3; i += 1) stream.add({ kind: 'session.open', session: other });
  await stream.seal();
  await archive.publish();
  stream.add({ kind: 'mcp.request', exchange: 7, dir: 'c2s', mcp_method_name: 'initialize', body: '{"id":0}' });
  await stream.seal();
  stream.add({ kind: 'session.open', session, exchange: 7 });
  stream.add({ kind: 'mcp.request', session, dir: 'c2s', body: '{"html":"<img src=x onerror=alert(1)>\u202e"}' });
  await stream.seal();
  await archive.publish();
  const blob = await stream.blob('{"big":"answer"}');
  stream.add({ kind: 'mcp.response', session, dir: 's2c', blob });
  await stream.seal();
  stream.add({ kind: 'heartbeat' });
  await stream.seal();
  await stream.close(session);
  stream.add({ kind: 'session.open', session: open });
  await stream.seal();
  await archive.publish();
  policy = join(root, 'policy.txt');
  witnessed = join(root, 'witnessed.txt');
  writeFileSync(policy, archive.policy);
  writeFileSync(witnessed, archive.witnessedPolicy);
  zip = join(root, 'session.zip');
  await tacho('--session', session, '--out', zip);
  files = await contentOf(zip);
});

afterAll(async () => {
  await emulator.close();
  rmSync(root, { recursive: true, force: true });
});

async function tacho(...argv: readonly string[]): Promise<CliResult> {
  return await runCli(['export', ...argv, '--bucket', 'gs://archive', '--endpoint', emulator.url]);
}

async function verify(file: string, ...argv: readonly string[]): Promise<CliResult> {
  return await runCli(['verify', file, '--policy', policy, '--no-remember', ...argv]);
}

async function contentOf(path: string): Promise<Map<string, Uint8Array>> {
  const file = await openExport(path);
  const content = new Map<string, Uint8Array>();
  for await (const { name } of file.source.list('')) {
    content.set(name, (await file.source.get(name)) ?? new Uint8Array());
  }
  file.close();
  return content;
}

let written = 0;
async function zipOf(content: ReadonlyMap<string, Uint8Array | string>): Promise<string> {
  written += 1;
  const path = join(root, `made-${written}.zip`);
  await writeZip(
    path,
    [...content].map(([name, bytes]) => ({ name, bytes: () => Promise.resolve(Buffer.from(bytes)) })),
  );
  return path;
}

function named(pattern: RegExp): string {
  const name = [...files.keys()].find((it) => pattern.test(it));
  if (name === undefined) throw new Error(`no file like ${pattern}`);
  return name;
}

/** The zip with some files replaced; `undefined` removes one. */
async function changed(changes: Readonly<Record<string, Uint8Array | string | undefined>>): Promise<string> {
  const content = new Map<string, Uint8Array | string>(files);
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === undefined) content.delete(name);
    else content.set(name, bytes);
  }
  return await zipOf(content);
}

describe('an exported session', () => {
  test('verifies offline, from the zip and the policy alone', async () => {
    const { code, out } = await verify(zip);
    expect(out).toContain('verified; self-consistent, not independently anchored');
    expect(out).toMatch(/3 segments, 4 records, 1 sessions, 1 blobs {2}\(pulled: session\)/);
    expect(code).toBe(0);
  });

  test('verifies where it was unpacked, and not when a line was altered there', async () => {
    const dir = join(root, 'unpacked');
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), bytes);
    }
    expect(await verify(dir)).toMatchObject({ code: 0, out: expect.stringContaining('(pulled: session)') });
    writeFileSync(join(dir, named(/^v1\/records/)), 'damage');
    expect(await verify(dir)).toMatchObject({ code: 1, out: expect.stringContaining('TAMPERED object.bytes') });
  });

  test('carries the cosignatures that a policy asks for', async () => {
    const { code, out } = await runCli(['verify', zip, '--policy', witnessed, '--no-remember', '--require-witness']);
    expect([code, out]).toEqual([0, expect.stringContaining("verified; cosigned by the policy's witnesses")]);
  });

  test('has the same bytes again, and from a pulled copy', async () => {
    const copy = join(root, 'copy');
    await runCli(['pull', '--bucket', 'gs://archive', '--endpoint', emulator.url, '--session', session, '--out', copy]);
    await tacho('--session', session, '--out', join(root, 'again.zip'));
    await runCli(['export', '--bucket', copy, '--session', session, '--out', join(root, 'copied.zip')]);
    expect(readFileSync(join(root, 'again.zip')).equals(readFileSync(zip))).toBe(true);
    expect(readFileSync(join(root, 'copied.zip')).equals(readFileSync(zip))).toBe(true);
  });

  test('holds its parts, and a C2SP proof for every leaf', () => {
    const { leaves } = JSON.parse(Buffer.from(files.get('export.json') ?? []).toString()) as {
      leaves: { type: string }[];
    };
    expect(leaves.map(({ type }) => type)).toEqual([
      'stream.open',
      'segment',
      'segment',
      'segment',
      'session.manifest',
    ]);
    expect([...files.keys()].filter((name) => /^proofs\/\d{16}\.tlog-proof$/.test(name))).toHaveLength(5);
    expect(Buffer.from(files.get(named(/^proofs/)) ?? []).toString()).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex \d+\n/);
    expect([...files.keys()]).toEqual(expect.arrayContaining(['checkpoint.txt', 'verify.html', 'README.txt']));
  });

  test('a pulled session whose close stands in a later segment verifies too', async () => {
    const copy = join(root, 'pulled');
    await runCli(['pull', '--bucket', 'gs://archive', '--endpoint', emulator.url, '--session', session, '--out', copy]);
    expect(await verify(copy)).toMatchObject({ code: 0 });
  });
});

describe('damage to an export', () => {
  const cases: readonly (readonly [string, () => Promise<string>, number, string])[] = [
    ['a flipped segment byte', async () => changed({ [named(/records/)]: flip(named(/records/)) }), 1, 'object.bytes'],
    ['an altered record', async () => changed({ [named(/records/)]: altered(named(/records/)) }), 1, 'object.bytes'],
    ['an altered blob', async () => changed({ [named(/blobs/)]: 'other' }), 1, 'object.bytes'],
    ['an altered manifest', async () => changed({ [named(/sessions/)]: '{}' }), 1, 'object.bytes'],
    ['a leaf that the log does not hold', async () => changed({ [named(/leaves/)]: forged() }), 1, 'proof.invalid'],
    ['a proof of another leaf', async () => changed({ [named(/proofs/)]: files.get(lastProof()) }), 1, 'proof.invalid'],
    ['another checkpoint', async () => changed({ 'checkpoint.txt': flip('checkpoint.txt') }), 1, 'proof.invalid'],
    ['a forged signature, in checkpoint and proofs', async () => changed(resigned()), 1, 'checkpoint.invalid'],
    [
      'a smuggled object',
      async () => changed({ 'v1/records/cluster=demo/namespace=x/dt=2026-11-21/x.jsonl.gz': 'x' }),
      1,
      'object.unlogged',
    ],
    ['a segment left out', async () => changed({ [named(/records/)]: undefined }), 3, 'object.missing'],
    ['a proof left out', async () => changed({ [named(/proofs/)]: undefined }), 3, 'proof.missing'],
    ['no table of contents', async () => changed({ 'export.json': undefined }), 3, 'export.malformed'],
    [
      'a future version',
      async () => changed({ 'export.json': '{"v":2,"kind":"tachograph.session-export"}' }),
      3,
      'format.newer',
    ],
    ['a middle segment dropped from the table', async () => changed({ 'export.json': without(2) }), 1, 'chain.gap'],
    [
      'the last segment dropped from the table',
      async () => changed({ 'export.json': without(3) }),
      1,
      'session.manifest',
    ],
  ];

  test.each(cases)('%s is found by the command and by the page', async (_name, make, code, kind) => {
    const path = await make();
    const result = await verify(path, '--json');
    expect(result.code).toBe(code);
    const { findings } = JSON.parse(result.out) as { findings: { list: { kind: string }[] } };
    expect(findings.list.map((finding) => finding.kind)).toContain(kind);
    const page = await verifyInPage(readFileSync(path), readFileSync(policy, 'utf8'));
    expect(page).toMatchObject({ kind: 'judged', report: { exitCode: code } });
  });

  test('another log’s policy believes nothing', async () => {
    const stranger = new ArchiveBuilder(openStore('gs://archive', { apiEndpoint: emulator.url }));
    const file = join(root, 'stranger.txt');
    writeFileSync(file, stranger.policy);
    expect((await runCli(['verify', zip, '--policy', file, '--no-remember'])).code).toBe(1);
  });
});

function flip(name: string): Uint8Array {
  const bytes = Uint8Array.from(files.get(name) ?? []);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

function altered(name: string): Uint8Array {
  const text = gunzipSync(files.get(name) ?? new Uint8Array()).toString();
  return gzipSync(text.replace('"kind"', '"kinds":1,"kind"'));
}

function forged(): string {
  return Buffer.from(files.get(named(/leaves/)) ?? [])
    .toString()
    .replace('files-0', 'files-1');
}

/** The checkpoint with another signature of the log, consistently in every proof. */
function resigned(): Readonly<Record<string, string>> {
  const text = (name: string): string => Buffer.from(files.get(name) ?? []).toString();
  const note = text('checkpoint.txt');
  const signature = /\u2014 tachograph\.dev\/demo (\S+)\n/.exec(note)?.[1] ?? '';
  const bytes = Buffer.from(signature, 'base64');
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  const names = ['checkpoint.txt', ...[...files.keys()].filter((name) => name.startsWith('proofs/'))];
  return Object.fromEntries(names.map((name) => [name, text(name).replace(signature, bytes.toString('base64'))]));
}

function lastProof(): string {
  return [...files.keys()].filter((name) => name.startsWith('proofs/')).at(-1) ?? '';
}

function without(at: number): string {
  const table = JSON.parse(Buffer.from(files.get('export.json') ?? []).toString()) as { leaves: unknown[] };
  return JSON.stringify({ ...table, leaves: table.leaves.toSpliced(at, 1) });
}

/** The zip with a name replaced by another of the same length. */
function evil(name: string, replacement: string): Buffer {
  return Buffer.from(readFileSync(zip).toString('latin1').replaceAll(name, replacement), 'latin1');
}

describe('a zip that is none of ours', () => {
  test.each([
    [
      'a name with ../',
      () => evil('README.txt', '../../x.sh'),
      'a name that leads outside of the export: "../../x.sh"',
    ],
    ['an absolute name', () => evil('README.txt', '/etc/x.txt'), 'a name that leads outside of the export'],
    ['a name with backslashes', () => evil('README.txt', '..\\..\\x.tx'), 'a name that leads outside of the export'],
  ])('%s is refused', async (name, make, sentence) => {
    const path = join(root, `${name.replaceAll(/\W/g, '-')}.zip`);
    writeFileSync(path, make());
    const { code, err } = await verify(path);
    expect([code, err]).toEqual([1, expect.stringContaining(sentence)]);
    const page = await verifyInPage(readFileSync(path), readFileSync(policy, 'utf8'));
    expect(page).toMatchObject({ kind: 'stopped', reason: expect.stringContaining('leads outside') });
  });

  test('two entries of one name are refused', async () => {
    const a = await zipOf(
      new Map([
        ['a.txt', '1'],
        ['b.txt', '2'],
      ]),
    );
    const bytes = Buffer.from(readFileSync(a).toString('latin1').replaceAll('b.txt', 'a.txt'), 'latin1');
    writeFileSync(a, bytes);
    expect(await verify(a)).toMatchObject({
      code: 1,
      err: 'tacho: refused zip: two entries of the same name: "a.txt"\n',
    });
  });

  test('a link is refused', async () => {
    const path = await entryZip({ mode: 0o120_777 });
    expect(await verify(path)).toMatchObject({
      code: 1,
      err: expect.stringContaining('a link or another entry that is no file'),
    });
  });

  test('a bomb is refused before it is unpacked', async () => {
    const path = await entryZip({ compress: true, bytes: Buffer.alloc(80 * 1024 * 1024) });
    expect(await verify(path)).toMatchObject({ code: 1, err: expect.stringContaining('an entry over 67108864 bytes') });
  });

  test('half a download is no zip', async () => {
    const path = join(root, 'half.zip');
    writeFileSync(path, readFileSync(zip).subarray(0, 5000));
    expect(await verify(path)).toMatchObject({ code: 3, err: expect.stringContaining('not a whole zip') });
  });

  test('a damaged zip says which file is', async () => {
    const bytes = readFileSync(zip);
    const at = bytes.indexOf('stream.open');
    bytes[at] = 0x53;
    const path = join(root, 'damaged.zip');
    writeFileSync(path, bytes);
    expect(await verify(path)).toMatchObject({ code: 1, err: expect.stringContaining('damaged zip: the checksum of') });
  });

  test('nothing was written anywhere', () => {
    expect(globSync(['**/x.sh', '**/x.txt', '**/*.part', '**/*.tmp'], { cwd: root })).toEqual([]);
  });
});

async function entryZip({ mode = 0o100_644, compress = false, bytes = Buffer.from('x') }): Promise<string> {
  const { ZipFile } = await import('yazl');
  written += 1;
  const path = join(root, `entry-${written}.zip`);
  const made = new ZipFile();
  made.addBuffer(bytes, 'export.json', { mode, compress, mtime: new Date(2026, 0, 1) });
  made.end();
  await finished(made.outputStream.pipe(createWriteStream(path)));
  return path;
}

describe('bad input of an export', () => {
  test.each([
    ['an unknown session', 'x', 3, 'no closed session x in this archive'],
    ['a session that is still open', open, 3, `no closed session ${open} in this archive`],
  ])('%s', async (_name, id, code, sentence) => {
    const out = join(root, 'none.zip');
    expect(await tacho('--session', id, '--out', out)).toMatchObject({ code, err: `tacho: ${sentence}\n` });
    expect(globSync(`${out}*`)).toEqual([]);
  });

  test('an existing file is left alone', async () => {
    const out = join(root, 'mine.zip');
    writeFileSync(out, 'mine');
    expect(await tacho('--session', session, '--out', out)).toMatchObject({ code: 64 });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});

interface PageVerify {
  readonly tachographVerify: (bytes: Uint8Array, policy: string) => Promise<unknown>;
}

/** The page's own script, from the zip, with what a browser gives it. */
async function verifyInPage(bytes: Uint8Array, policyText: string): Promise<unknown> {
  const html = Buffer.from(files.get('verify.html') ?? []).toString();
  const script = /<script>([^]*)<\/script>/.exec(html)?.[1] ?? '';
  const sandbox = {
    crypto: webcrypto,
    TextEncoder,
    TextDecoder,
    Blob,
    DecompressionStream,
    Uint8Array,
    ArrayBuffer,
    DataView,
    atob,
    btoa,
    URL,
  };
  const context = createContext(sandbox);
  new Script(script).runInContext(context);
  const page = context as unknown as PageVerify;
  return await page.tachographVerify(Uint8Array.from(bytes), policyText);
}

describe('the verification page', () => {
  test('verifies the zip that it came with, by WebCrypto, and cosignatures too', async () => {
    expect(await verifyInPage(readFileSync(zip), readFileSync(policy, 'utf8'))).toMatchObject({
      kind: 'judged',
      report: { verdict: 'verified', counts: { segments: 3, records: 4, blobs: 1, leaves: 5 } },
    });
    expect(await verifyInPage(readFileSync(zip), readFileSync(witnessed, 'utf8'))).toMatchObject({
      report: { verdict: 'verified', anchor: { kind: 'witnessed' } },
    });
  });

  test('has a policy that allows its own script and style, and nothing else', () => {
    const html = Buffer.from(files.get('verify.html') ?? []).toString();
    expect(html).toMatch(
      /content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'"/,
    );
    // A browser hashes all that stands in the element.
    for (const name of ['script', 'style']) {
      const content = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(html)?.[1] ?? '';
      expect(html).toContain(`${name}-src 'sha256-${createHash('sha256').update(content).digest('base64')}'`);
    }
    expect(html).not.toMatch(/https?:\/\/(?!json-schema\.org)/);
    expect(html).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
  });

  test('is the one whose hash the program prints', async () => {
    const { code, out } = await runCli(['export', '--page-digest']);
    const digest = createHash('sha256')
      .update(files.get('verify.html') ?? '')
      .digest('hex');
    // As sha256sum takes it.
    expect([code, out]).toEqual([0, `${digest}  verify.html\n`]);
  });

  test('says of a bad policy which line it is', async () => {
    expect(await verifyInPage(readFileSync(zip), 'log x\n')).toMatchObject({
      kind: 'stopped',
      reason: expect.stringContaining('line 1'),
    });
  });
});
