// What others built must agree with us:   node test/third-parties/run.mjs [--json]
//
// Tessera's fsck on the tiles, litewitness on growth and on a rewritten tree, x/mod on notes and proofs, and plain
// sha256sum, gunzip and jq on a segment. Without Go the first three are skipped, and the last line says so.
import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { consistencyProof, hashLogLeaf, inclusionProof, rootOf, toBase64 } from '@tachograph/archive';
import { pullAndVerify, readLeafTexts, verify } from '../drills/account.mjs';
import { makeLogKey, nodeCrypto, openLogKey } from '../drills/forge.mjs';
import { Rig, tacho } from '../drills/rig.mjs';
import { fsck } from './fsck.mjs';
import { startWitness } from './witness.mjs';
import { goVersion, tool } from './tools.mjs';

const runFile = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const results = [];

async function check(name, run) {
  try {
    results.push({ name, outcome: 'passed', detail: await run() });
  } catch (error) {
    results.push({ name, outcome: 'failed', detail: error.message.trim().split('\n').slice(0, 3).join(' ') });
  }
  const { outcome, detail } = results.at(-1);
  if (!values.json) console.log(`${outcome.padEnd(8)}${name}: ${detail}`);
}

function skip(name, why) {
  results.push({ name, outcome: 'skipped', detail: why });
  if (!values.json) console.log(`SKIPPED ${name}: ${why}`);
}

async function recordCalls(rig, calls) {
  const load = await rig.load('sidecar', { clients: 2, pauseMs: 20 });
  await load.progress(calls, 90_000);
  await load.stop();
}

function expect(holds, what) {
  if (!holds) throw new Error(what);
}

async function checkTiles(rig, archive, { tiles, vkeyFile }) {
  const derived = join(rig.dir, 'derived');
  await check('tiles derived from the archive alone are those that were published, byte for byte', async () => {
    await tacho(['tiles', '--from', archive, '--to', derived, '--every-checkpoint']);
    const files = globSync('**/*', { cwd: derived, withFileTypes: true }).filter((one) => one.isFile());
    expect(files.length > 0, 'no tiles were derived');
    await runFile('diff', ['-r', '--exclude=.tachograph-pending', tiles, derived]);
    return `${files.length} files`;
  });
  await check("Tessera's fsck accepts the tiles", async () => {
    const { passed, line } = await fsck(tiles, vkeyFile, 60_000);
    expect(passed, line);
    return line.replace(/^.*Successfully/, 'Successfully');
  });
  await check("Tessera's fsck accepts no tiles with one flipped bit", async () => {
    const damaged = join(rig.dir, 'damaged-tiles');
    cpSync(tiles, damaged, { recursive: true });
    const size = Number(readFileSync(join(damaged, 'checkpoint'), 'utf8').split('\n')[1]);
    // The newest bundle of entries: earlier partial ones are no longer read.
    const [newest] = globSync(`tile/entries/**/${size % 256}`, { cwd: damaged });
    const file = join(damaged, newest);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    const { passed } = await fsck(damaged, vkeyFile, 15_000);
    expect(!passed, 'the damage was not seen');
    return 'no success line within 15 s';
  });
}

async function checkWitness(rig, archive, witness) {
  const policy = join(rig.dir, 'witnessed-policy.txt');
  const log = readFileSync(await rig.policyFile(), 'utf8').replace(/^quorum.*\n/m, '');
  writeFileSync(policy, `${log}witness lite ${witness.vkey}\nquorum lite\n`);
  await check('litewitness cosigned every growth of the log, and our verifier counts it', async () => {
    const { code, report } = await verify(rig, archive, { policy });
    expect(report.anchor.kind === 'witnessed', `${report.text}`);
    expect(code === 0 || code === 2, `exit ${code}`);
    const cosigned = globSync('v1/log/checkpoint/*', { cwd: archive })
      .map((file) => readFileSync(join(archive, file), 'utf8'))
      .filter((note) => note.includes(`— ${witness.name} `)).length;
    expect(cosigned > 1, `${cosigned} checkpoints are cosigned`);
    return `${cosigned} checkpoints cosigned; ${report.text}`;
  });
  await check('litewitness refuses a rewritten tree that the log key signed', async () => {
    const texts = readLeafTexts(archive);
    const key = openLogKey(rig.state);
    const held = Number(globSync('v1/log/checkpoint/*', { cwd: archive }).toSorted().at(-1).split('/').at(-1));
    const forged = [...texts.slice(0, held).with(1, '{"v":1,"type":"forged"}'), '{"v":1,"type":"more"}'];
    const hashes = forged.map((text) => hashLogLeaf(nodeCrypto, text));
    const proof = consistencyProof(nodeCrypto, held, hashes).map((one) => `${toBase64(one)}\n`);
    const note = key.checkpoint(hashes);
    const rewritten = await witness.post(`old ${held}\n${proof.join('')}\n${note}`);
    expect(rewritten.status === 422, `expected 422, got ${rewritten.status}: ${rewritten.text}`);
    const stale = await witness.post(`old 1\n${proof.join('')}\n${note}`);
    expect(stale.status === 409, `expected 409 for a stale size, got ${stale.status}`);
    return `422 for the rewritten tree, 409 for an old size that is not what it holds (${stale.text.trim()})`;
  });
}

async function checkNotes(rig, archive, vkeyFile) {
  const program = await tool('note');
  await check('checkpoints and batches open with golang.org/x/mod/sumdb/note', async () => {
    const files = globSync('v1/log/{batch,checkpoint}/*', { cwd: archive }).map((file) => join(archive, file));
    const { stdout } = await runFile(program, ['open', vkeyFile, ...files]);
    return stdout.trim();
  });
  await check('our Merkle proofs hold for golang.org/x/mod/sumdb/tlog', async () => {
    const texts = readLeafTexts(archive);
    const hashes = texts.map((text) => hashLogLeaf(nodeCrypto, text));
    const sizes = [1, 2, 3, hashes.length >> 1, hashes.length - 1];
    const file = join(rig.dir, 'proofs.json');
    const proofs = {
      Size: hashes.length,
      Root: toBase64(rootOf(nodeCrypto, hashes)),
      Inclusion: texts.map((leaf, index) => ({
        Index: index,
        Leaf: leaf,
        Path: inclusionProof(nodeCrypto, index, hashes).map(toBase64),
      })),
      Consistency: sizes.map((size) => ({
        OldSize: size,
        OldRoot: toBase64(rootOf(nodeCrypto, hashes.slice(0, size))),
        Path: consistencyProof(nodeCrypto, size, hashes).map(toBase64),
      })),
    };
    writeFileSync(file, JSON.stringify(proofs));
    return (await runFile(program, ['prove', file])).stdout.trim();
  });
}

/** One session as `tacho export` writes it, unpacked by somebody else's program. */
async function checkExport(rig, archive, vkeyFile) {
  const program = await tool('note');
  await check('the proofs of an exported session hold for golang.org/x/mod (C2SP tlog-proof)', async () => {
    const zip = join(rig.dir, 'session.zip');
    const dir = join(rig.dir, 'session');
    const { session } = JSON.parse(
      readLeafTexts(archive).find((text) => text.includes('"type":"session.manifest"')) ?? '{}',
    );
    await tacho(['export', '--bucket', archive, '--session', session, '--out', zip]);
    await runFile('unzip', ['-q', zip, '-d', dir]);
    return (await runFile(program, ['export', vkeyFile, dir])).stdout.trim();
  });
}

async function checkByHand(archive) {
  await check('sha256sum, gunzip and jq alone re-check a segment', async () => {
    const { stdout } = await runFile(join(here, 'recheck-segment.sh'), [archive]);
    expect(stdout.includes(': OK') && stdout.includes('chain holds'), stdout);
    return stdout.trim().split('\n').at(-1);
  });
  await check('the recipe in the README is the one that was run', async () => {
    const recipe = readFileSync(join(here, 'recheck-segment.sh'), 'utf8').split('# recipe\n')[1];
    expect(readFileSync(join(here, '../../README.md'), 'utf8').includes(recipe), 'the README has another recipe');
    return `${recipe.trim().split('\n').length} lines`;
  });
}

const go = await goVersion();
const rig = new Rig();
const tiles = join(rig.dir, 'tiles');
mkdirSync(tiles);
rig.env.TACHO_TILES = tiles;
makeLogKey(rig.state);
const log = openLogKey(rig.state);
const vkeyFile = join(rig.dir, 'log.vkey');
writeFileSync(vkeyFile, log.vkey);
let witness;
try {
  if (go !== undefined) {
    witness = await startWitness(rig.dir, log);
    rig.env.TACHO_WITNESSES = `${witness.vkey}=${witness.url}`;
  }
  await rig.start();
  const env = { TACHO_DURABILITY: 'archive' };
  await rig.startSidecar('sidecar', { env });
  await recordCalls(rig, 20);
  await recordCalls(rig, 20);
  await rig.drain('sidecar', { env });
  const { archive } = await pullAndVerify(rig);
  await rig.stop('sequencer');
  await checkByHand(archive);
  if (go === undefined) {
    for (const name of ["Tessera's fsck", 'litewitness', 'golang.org/x/mod notes and proofs'])
      skip(name, 'there is no go');
  } else {
    await checkTiles(rig, archive, { tiles, vkeyFile });
    await checkWitness(rig, archive, witness);
    await checkNotes(rig, archive, vkeyFile);
    await checkExport(rig, archive, vkeyFile);
  }
} catch (error) {
  results.push({ name: 'the installation', outcome: 'failed', detail: error.message });
  console.error(error.message);
} finally {
  await witness?.stop();
  await rig.close({ keep: results.some(({ outcome }) => outcome === 'failed') });
}
if (values.json) console.log(JSON.stringify(results, null, 2));
const count = (what) => results.filter(({ outcome }) => outcome === what).length;
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exit(count('failed') === 0 ? 0 : 1);
