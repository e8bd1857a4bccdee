// An operator with the log key forges the archive in every way there is; each detector is asked about each forgery.
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consistencyProof, formatNote, formatVkey, parseNote, toBase64 } from '@tachograph/archive';
import { TestWitness } from '../../packages/controller/dist/testing/test-witness.js';
import { account, pullAndVerify, verify } from './account.mjs';
import { makeLogKey, nodeCrypto, openLogKey } from './forge.mjs';
import { dropStream, ForgedArchive, forkBatch, inventStream, rewriteStream, truncateTo } from './forged-archive.mjs';
import { withRig } from './rig.mjs';

const hour = 3_600_000;
const iso = (ms) => new Date(ms).toISOString();

/** One answer of the API server. */
const event = (uid, verb, atMs, { label = 'true', sidecar = true } = {}) => {
  const metadata = { name: `pod-${uid}`, namespace: 'drill', uid, labels: { 'tachograph.dev/mcp-server': label } };
  const spec = { initContainers: sidecar ? [{ name: 'tachograph' }] : [], containers: [{ name: 'server' }] };
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    verb,
    objectRef: { resource: 'pods', namespace: 'drill', name: metadata.name },
    responseStatus: { code: verb === 'create' ? 201 : 200 },
    responseObject: { kind: 'Pod', metadata, spec },
    stageTimestamp: iso(atMs),
  });
};

/** What the API server says of pods: an audit log obtained elsewhere. */
function auditOf(leaves, hidden) {
  const opens = leaves.filter(({ type }) => type === 'stream.open');
  const start = Date.parse(opens[0].receivedAt);
  const uids = new Set(opens.map(({ podUid }) => podUid));
  return [
    event('first', 'create', start - hour, { label: 'false' }),
    ...[...uids].map((uid) => event(uid, 'create', start - 1000)),
    // It ran, without a recorder, and is gone: nobody told the log.
    ...(hidden ? [event('hidden', 'create', start, { sidecar: false }), event('hidden', 'delete', start + 1000)] : []),
    event('last', 'create', start + hour, { label: 'false' }),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Has a checkpoint of a log that only grew cosigned, as any honest witness would. */
async function cosignGrowth(witness, forged, hashes, known) {
  const note = forged.log.checkpoint(hashes);
  const proof = consistencyProof(nodeCrypto, known, hashes).map((one) => `${toBase64(one)}\n`);
  const url = witness.setting.slice(witness.setting.indexOf('=http') + 1);
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: `old ${known}\n${proof.join('')}\n${note}`,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the witness answered ${response.status}: ${text}`);
  const { text: body, signatures } = parseNote(note);
  const cosigned = parseNote(`${body}\n${text}`).signatures;
  forged.write(
    `v1/log/checkpoint/${String(hashes.length).padStart(16, '0')}`,
    formatNote(body, [...signatures, ...cosigned]),
  );
  forged.listObjects();
}

/** The caller seems to have said something else. */
const forgeRequest = (it) => {
  if (it.kind === 'mcp.request' && it.body !== undefined) it.body = it.body.replace('marker-', 'forged-');
};

const classes = [
  {
    name: 'rewrite a record, and everything after it',
    forge(it) {
      rewriteStream(it, it.streamOf('one'), forgeRequest);
      it.sealLog();
    },
  },
  {
    name: 'the same, with the cosigned checkpoint left in place',
    forge(it, { honestSize, pinned }) {
      rewriteStream(it, it.streamOf('one'), forgeRequest);
      it.sealLog();
      it.write(`v1/log/checkpoint/${String(honestSize).padStart(16, '0')}`, readFileSync(pinned));
    },
  },
  {
    name: 'drop the manifest of a session',
    forge(it) {
      const at = it.leaves.findIndex(({ type }) => type === 'session.manifest');
      const [{ object }] = it.leaves.splice(at, 1);
      it.remove(object);
      it.sealLog();
    },
  },
  {
    name: 'drop a session, with its stream',
    forge(it) {
      dropStream(it, it.streamOf('two'));
      it.sealLog();
    },
  },
  {
    name: 'reorder two leaves',
    forge(it) {
      const at = it.leaves.findIndex(
        ({ type }, index) => type === 'session.manifest' && it.leaves[index + 1]?.type === 'session.manifest',
      );
      const from = at < 0 ? it.leaves.length - 2 : at;
      [it.leaves[from], it.leaves[from + 1]] = [it.leaves[from + 1], it.leaves[from]];
      it.sealLog();
    },
  },
  { name: 'truncate the tail to an old cosigned checkpoint', forge: (it, { oldSize }) => truncateTo(it, oldSize) },
  { name: 'fork: two signed batches at one index', forge: forkBatch },
  {
    name: 'remove every checkpoint',
    forge(it) {
      rmSync(it.path('v1/log/checkpoint'), { recursive: true });
      it.listObjects();
    },
  },
  {
    name: 'invent a stream (appended, cosigned)',
    async forge(it, { witness, honestSize, at }) {
      inventStream(it, { stream: '01990000-0000-7000-8000-000000000001', podUid: 'never-was', at });
      await cosignGrowth(witness, it, it.sealLog(), honestSize);
    },
  },
  { name: 'remove the sidecar from a pod', forge: () => undefined, hidden: true },
];

const detectors = ['alone', 'witness', 'remembered', 'pods'];

/** What one detector says: `found` when the exit code is 1, or 3 where a demanded anchor is absent. */
async function ask(rig, forged, args, policy) {
  const { code, findings } = await verify(rig, forged.dir, { verifyArgs: args, policy });
  const [worst] = findings.filter(({ severity }) => severity === (code === 1 ? 'tampered' : 'missing'));
  return { found: code === 1 || code === 3, code, kind: worst?.kind, reason: worst?.reason };
}

async function judge(rig, honest, one) {
  const forged = new ForgedArchive(honest.archive, join(rig.dir, 'forged'), honest.log);
  await one.forge(forged, honest);
  const audit = join(rig.dir, 'audit.jsonl');
  writeFileSync(audit, auditOf(honest.leaves, one.hidden));
  const args = {
    alone: [],
    witness: ['--witness-policy', honest.witnessPolicy],
    remembered: ['--pinned-checkpoint', honest.pinned],
    pods: ['--pods', audit],
  };
  const said = {};
  for (const name of detectors) said[name] = await ask(rig, forged, args[name], honest.policy);
  rmSync(forged.dir, { recursive: true });
  return { name: one.name, said };
}

/** Which detector must find what; everything else is printed as it is. */
const expected = new Map([
  ['rewrite a record, and everything after it', ['witness', 'remembered']],
  ['the same, with the cosigned checkpoint left in place', detectors],
  ['drop the manifest of a session', ['witness', 'remembered']],
  ['drop a session, with its stream', ['witness', 'remembered']],
  ['reorder two leaves', ['witness', 'remembered']],
  ['truncate the tail to an old cosigned checkpoint', ['remembered']],
  ['fork: two signed batches at one index', detectors],
  // The batches still extend what was remembered; without checkpoints the verdict is incomplete (2).
  ['remove every checkpoint', ['witness']],
  ['invent a stream (appended, cosigned)', ['pods']],
  ['remove the sidecar from a pod', ['pods']],
]);

function rowOf({ name, said }) {
  const cells = detectors.map((one) => {
    const { found, code, kind } = said[one];
    return `${one}: ${found ? `exit ${code} ${kind}` : `not found (exit ${code})`}`;
  });
  const first = detectors.map((one) => said[one]).find(({ found }) => found);
  return `${name} | ${cells.join(' | ')} | ${first?.reason ?? '–'}`;
}

async function record(rig) {
  const env = { TACHO_DURABILITY: 'archive' };
  for (const name of ['one', 'two']) {
    await rig.startSidecar(name, { env });
    const load = await rig.load(name, { clients: 1, pauseMs: 20, perSession: 4 });
    await load.progress(12, 60_000);
    await load.stop();
    await rig.drain(name, { env });
  }
}

async function honestArchive(rig, witness) {
  const pulled = await pullAndVerify(rig);
  const log = openLogKey(rig.state);
  const policy = await rig.policyFile();
  const witnessPolicy = join(rig.dir, 'witness-policy.txt');
  writeFileSync(witnessPolicy, `log ${log.vkey}\nwitness w ${formatVkey(witness.key)}\nquorum w\n`);
  const checkpoints = globSync('v1/log/checkpoint/*', { cwd: pulled.archive }).toSorted();
  const pinned = join(rig.dir, 'pinned.txt');
  writeFileSync(pinned, readFileSync(join(pulled.archive, checkpoints.at(-1))));
  const sizes = checkpoints.map((file) => Number(file.split('/').at(-1)));
  return {
    ...pulled,
    log,
    policy,
    witnessPolicy,
    witness,
    pinned,
    honestSize: sizes.at(-1),
    oldSize: sizes[sizes.length >> 1],
  };
}

export const drill = {
  number: 11,
  title: 'malicious operator with the log key',
  scaled: 'none',
  async run() {
    return withRig({ prepare }, async (rig) => {
      const { witness } = rig;
      try {
        await record(rig);
        const executed = await rig.executed();
        const honest = await honestArchive(rig, witness);
        const { figures, wrong, leaves } = account({ ...honest, executed, loads: rig.loads });
        honest.leaves = leaves;
        honest.at = leaves.findLast(({ receivedAt }) => receivedAt !== undefined).receivedAt;
        const results = [];
        for (const one of classes) results.push(await judge(rig, honest, one));
        const missed = results.flatMap(({ name, said }) =>
          expected
            .get(name)
            .filter((one) => !said[one].found)
            .map((one) => `${name}: not found by ${one}`),
        );
        return { figures, wrong: [...wrong, ...missed], note: results.map(rowOf), table: results };
      } finally {
        await witness.close();
      }
    });
  },
};

/** The log key exists before the start, so that a witness can know it. */
async function prepare(rig) {
  makeLogKey(rig.state);
  const { key } = openLogKey(rig.state);
  rig.witness = new TestWitness([key]);
  await rig.witness.listen();
  rig.env = { ...rig.env, TACHO_WITNESSES: rig.witness.setting };
}
