// Everything but the locked bucket is lost, and comes back from it; then retention ends for some, and a hold keeps the rest.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../demo/processes.mjs';
import { fsck } from '../third-parties/fsck.mjs';
import { goVersion } from '../third-parties/tools.mjs';
import { account, pullAndVerify, verify } from './account.mjs';
import { makeLogKey, openLogKey } from './forge.mjs';
import { program, tacho, withRig } from './rig.mjs';

const dayMs = 86_400_000;
const env = { TACHO_DURABILITY: 'archive' };
/** Secrets survive in Kubernetes; identities of pods, policies and issuers are nothing that an index holds. */
const survives = ['secrets', 'enrolments', 'tokens', 'policies', 'issuers.json', 'issuer-key.pem', 'component-token'];

async function record(rig, name) {
  await rig.startSidecar(name, { env });
  const load = await rig.load(name, { clients: 1, pauseMs: 20, perSession: 5 });
  await load.progress(12, 60_000);
  await load.stop();
  await rig.drain(name, { env });
}

const same = (one, other) => {
  execFileSync('diff', ['-r', '--exclude=.tachograph-pending', one, other], { encoding: 'utf8' });
  return globSync('**/*', { cwd: other, withFileTypes: true }).filter((entry) => entry.isFile()).length;
};

/** Kills what runs and removes what it had, but keys and what people configured. */
async function lose(rig, tiles) {
  for (const name of ['controller', 'sequencer']) await rig.kill(name);
  const saved = join(rig.dir, 'lost-tiles');
  cpSync(tiles, saved, { recursive: true });
  rmSync(tiles, { recursive: true });
  mkdirSync(tiles);
  for (const file of readdirSync(rig.state))
    if (!survives.includes(file)) rmSync(join(rig.state, file), { recursive: true });
  return saved;
}

/** Tiles from the bucket alone, before anything of the installation runs again. */
async function rebuild(rig) {
  const args = ['rebuild-tiles', '--every-checkpoint'];
  const { code, stdout, stderr } = await run(program('tachograph-sequencer'), args, rig.shared(rig.state));
  if (code !== 0) throw new Error(`rebuild-tiles: exit ${code}: ${stderr}`);
  return stdout.trim();
}

async function thirdParty(rig, tiles) {
  if ((await goVersion()) === undefined) return 'skipped: there is no go';
  const vkey = join(rig.dir, 'log.vkey');
  writeFileSync(vkey, openLogKey(rig.state).vkey);
  const { passed, line } = await fsck(tiles, vkey, 60_000);
  if (!passed) throw new Error(`fsck: ${line}`);
  return line.replace(/^.*Successfully/, 'Successfully');
}

async function custodian(rig) {
  const state = { TACHO_STATE: rig.state };
  const audience = ['--audience', 'tachograph://drill/controller'];
  const { stdout } = await tacho(['dev-token', '--subject', 'carol', ...audience], { env: state });
  return { ...state, TACHO_TOKEN: stdout.trim() };
}

/** Names of a workload's objects that a purge may take. */
async function objectsOf(rig, leaves, workload) {
  const streams = leaves
    .filter((leaf) => leaf.type === 'stream.open' && leaf.workload === workload)
    .map((leaf) => leaf.stream);
  const named = leaves
    .filter((leaf) => streams.includes(leaf.stream) && leaf.object !== undefined)
    .map((leaf) => leaf.object);
  const live = new Set([...(await rig.bucket.names('v1/records/')), ...(await rig.bucket.names('v1/sessions/'))]);
  return { named: named.length, live: named.filter((name) => live.has(name)).length };
}

async function expire(rig, leaves) {
  const who = await custodian(rig);
  await tacho(['purge', '--reason', 'drill', '--json'], { env: who, codes: [0, 1, 2] });
  const left = {};
  for (const name of ['due', 'held', 'young']) left[name] = await objectsOf(rig, leaves, name);
  return left;
}

async function story(rig, tiles) {
  // Two days ago by the bucket's clock: their retention of a day is over when it is today again.
  await rig.bucket.setClock({ now: new Date(Date.now() - 2 * dayMs).toISOString() });
  await record(rig, 'held');
  await record(rig, 'due');
  await rig.bucket.setClock({ now: new Date().toISOString() });
  await record(rig, 'young');
  const placed = ['hold', 'place', '--server', 'held', '--reason', 'case 1', '--json'];
  const hold = JSON.parse((await tacho(placed, { env: await custodian(rig) })).stdout);
  const executed = await rig.executed();
  const before = await pullAndVerify(rig, { name: 'before' });
  const saved = await lose(rig, tiles);
  const rebuilt = await rebuild(rig);
  const tileFiles = same(saved, tiles);
  const judged = await thirdParty(rig, tiles);
  await rig.startSequencer();
  await rig.startController();
  await record(rig, 'young');
  const after = await pullAndVerify(rig, { name: 'after' });
  const intact = globSync('v1/{records,sessions,blobs}/**/*', { cwd: before.archive, withFileTypes: true }).filter(
    (one) => one.isFile(),
  );
  for (const file of intact) {
    const path = join(file.parentPath, file.name);
    execFileSync('cmp', [path, path.replace(before.archive, after.archive)]);
  }
  const result = account({ ...after, executed: new Set([...executed, ...(await rig.executed())]), loads: rig.loads });
  const left = await expire(rig, result.leaves);
  const bucket = await verify(rig, rig.address, { verifyArgs: ['--endpoint', rig.endpoint] });
  return { hold, before, rebuilt, tileFiles, judged, intact: intact.length, result, left, bucket };
}

function wrongOf({ before, left, bucket, hold }) {
  const tampered = bucket.findings.find(({ severity }) => severity === 'tampered');
  return [
    ...(before.code === 1 ? ['tampered before anything was lost'] : []),
    ...(hold.done > 0 ? [] : ['the hold holds nothing']),
    ...(left.due.live === 0 ? [] : [`${left.due.live} objects out of retention are left`]),
    ...(left.held.live === left.held.named ? [] : [`${left.held.named - left.held.live} held objects are gone`]),
    ...(left.young.live === left.young.named
      ? []
      : [`${left.young.named - left.young.live} retained objects are gone`]),
    ...(tampered === undefined ? [] : [`after the purge: ${tampered.object}: ${tampered.reason}`]),
  ];
}

export const drill = {
  number: 12,
  title: 'controller, index and tiles lost; restored from the locked bucket; hold and expiry',
  scaled: 'two days pass by the clock of the storage emulator',
  async run() {
    return withRig({ prepare }, async (rig) => {
      const told = await story(rig, rig.env.TACHO_TILES);
      const { figures, wrong } = told.result;
      const { due, held, young } = told.left;
      return {
        figures,
        wrong: [...wrong, ...wrongOf(told)],
        note: [
          `${told.rebuilt}; ${told.tileFiles} files are byte for byte those that were lost; fsck: ${told.judged}`,
          `${told.intact} records, manifests and blobs are byte for byte the same after the loss`,
          `expiry: ${due.named - due.live} of ${due.named} objects due are purged, ${held.live} of ${held.named} held and ${young.live} of ${young.named} young ones are left; the bucket then: exit ${told.bucket.code}, ${told.bucket.report.text}`,
        ],
      };
    });
  },
};

async function prepare(rig) {
  makeLogKey(rig.state);
  const tiles = join(rig.dir, 'tiles');
  mkdirSync(tiles);
  rig.env = { ...rig.env, TACHO_TILES: tiles, TACHO_CUSTODIANS: 'carol' };
}
