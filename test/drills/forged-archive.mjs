// A pulled archive, rewritten by somebody who holds the log key: everything is signed again, so that only memory helps.
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createSessionRoot, hashLogLeaf, keyId, signHead } from '@tachograph/archive';
import { objectNames, segmentFileName, zeroHash } from '@tachograph/protocol';
import { readLeafTexts } from './account.mjs';
import { nodeCrypto } from './forge.mjs';

const sha256 = (bytes) => hash('sha256', bytes, 'hex');
const leavesPerBatch = 20;

/** A copy that may be changed. `log`: the stolen key. */
export class ForgedArchive {
  constructor(from, dir, log) {
    cpSync(from, dir, { recursive: true });
    this.dir = dir;
    this.log = log;
    this.leaves = readLeafTexts(dir).map((text) => JSON.parse(text));
  }

  path(object) {
    return join(this.dir, object);
  }

  write(object, bytes) {
    mkdirSync(dirname(this.path(object)), { recursive: true });
    writeFileSync(this.path(object), bytes);
  }

  remove(object) {
    rmSync(this.path(object), { force: true });
  }

  /** Lines of a stream, in order. */
  linesOf(stream) {
    return this.leaves
      .filter((leaf) => leaf.type === 'segment' && leaf.stream === stream)
      .flatMap(({ object }) =>
        gunzipSync(readFileSync(this.path(object)))
          .toString()
          .trimEnd()
          .split('\n'),
      );
  }

  streamOf(workload) {
    return this.leaves.find((leaf) => leaf.type === 'stream.open' && leaf.workload === workload).stream;
  }

  /** Signs the leaves as they are now as the whole log. Gives their hashes. */
  sealLog({ checkpoints = true } = {}) {
    rmSync(this.path('v1/log'), { recursive: true });
    const texts = this.leaves.map((leaf) => JSON.stringify(leaf));
    const hashes = texts.map((text) => hashLogLeaf(nodeCrypto, text));
    for (let first = 0; first < texts.length; first += leavesPerBatch) {
      const some = texts.slice(first, first + leavesPerBatch);
      this.write(objectNames.batch(first), this.log.batch(first, some));
      const size = first + some.length;
      if (checkpoints) this.write(objectNames.checkpoint(size), this.log.checkpoint(hashes.slice(0, size)));
    }
    this.#indexKeys();
    this.listObjects();
    return hashes;
  }

  /** Key objects name the leaf that endorses them. */
  #indexKeys() {
    for (const file of globSync('v1/keys/*.json', { cwd: this.dir })) {
      const key = JSON.parse(readFileSync(this.path(file), 'utf8'));
      const index = this.leaves.findIndex((leaf) => leaf.keyId === key.keyId && 'publicKey' in leaf);
      if (index < 0) this.remove(file);
      else this.write(file, `${JSON.stringify({ ...key, index })}\n`);
    }
  }

  /** The copy claims to be whole. */
  listObjects() {
    const objects = globSync('v1/**/*', { cwd: this.dir, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(this.dir.length + 1));
    const list = JSON.parse(readFileSync(this.path('pull.json'), 'utf8'));
    writeFileSync(this.path('pull.json'), JSON.stringify({ ...list, objects: objects.toSorted() }));
  }
}

/** A stream key that the forger made. */
function makeStreamKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = keyId(nodeCrypto, spki);
  return { id, spki: spki.toString('base64'), sign: (bytes) => sign(null, Buffer.from(bytes), privateKey) };
}

/** Chains records anew; `session.close` gets the root that its session has now. */
function rechain(records, key) {
  const roots = new Map();
  const lines = [];
  const hashes = [];
  for (const record of records) {
    record.prev = hashes.at(-1) ?? zeroHash;
    if (record.kind === 'stream.open') Object.assign(record.detail, { key_id: key.id, public_key: key.spki });
    if (record.kind === 'session.close') record.detail.root = roots.get(record.session).root();
    const line = JSON.stringify(record);
    lines.push(line);
    hashes.push(sha256(line));
    if (record.session === undefined || record.kind === 'session.close') continue;
    if (!roots.has(record.session)) roots.set(record.session, createSessionRoot(nodeCrypto));
    roots.get(record.session).append(hashes.at(-1));
  }
  return { lines, hashes, roots };
}

/** Rewrites a whole stream: another key, other lines, every signature, manifest and leaf as if it had always been so. */
export function rewriteStream(forged, stream, change) {
  const key = makeStreamKey();
  const records = forged.linesOf(stream).map((line) => JSON.parse(line));
  for (const record of records) change(record);
  const { lines, hashes, roots } = rechain(records, key);
  const head = (seq) => signHead({ stream, seq, hash: hashes[seq] }, key.sign);
  const renamed = new Map();
  const segment = (leaf) => {
    const bytes = gzipSync(
      lines
        .slice(leaf.first, leaf.last + 1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const digest = sha256(bytes);
    const name = segmentFileName({ stream, first: leaf.first, last: leaf.last, sha16: digest.slice(0, 16) });
    const object = `${dirname(leaf.object)}/${name}`;
    forged.remove(leaf.object);
    forged.write(object, bytes);
    renamed.set(leaf.object, { object, sha256: digest });
    const ends = { firstPrev: hashes[leaf.first - 1] ?? zeroHash, lastHash: hashes[leaf.last] };
    return { ...leaf, object, size: bytes.length, sha256: digest, ...ends, sig: head(leaf.signedSeq), keyId: key.id };
  };
  const manifest = (leaf) => {
    const content = JSON.parse(readFileSync(forged.path(leaf.object), 'utf8'));
    content.root = roots.get(leaf.session).root();
    content.segments = content.segments.map((one) => ({ ...one, ...renamed.get(one.object) }));
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = sha256(bytes);
    const object = leaf.object.replace(/[0-9a-f]{16}\.json$/, `${digest.slice(0, 16)}.json`);
    forged.remove(leaf.object);
    forged.write(object, bytes);
    return { ...leaf, object, size: bytes.length, sha256: digest };
  };
  const open = (leaf) => {
    const old = `v1/keys/${leaf.keyId}.json`;
    const object = JSON.parse(readFileSync(forged.path(old), 'utf8'));
    forged.remove(old);
    forged.write(`v1/keys/${key.id}.json`, JSON.stringify({ ...object, keyId: key.id, publicKey: key.spki }));
    return { ...leaf, keyId: key.id, publicKey: key.spki, openHash: hashes[0], sig: head(0) };
  };
  const heads = (leaf) => ({
    ...leaf,
    heads: leaf.heads.map((one) => (one.stream === stream ? { ...one, hash: hashes[one.seq] } : one)),
  });
  const forms = {
    segment,
    'session.manifest': manifest,
    'stream.open': open,
    'stream.close': (leaf) => ({ ...leaf, lastHash: hashes[leaf.lastSeq] }),
  };
  forged.leaves = forged.leaves.map((leaf) => {
    if (leaf.type === 'stream.heads') return heads(leaf);
    return leaf.stream === stream && forms[leaf.type] !== undefined ? forms[leaf.type](leaf) : leaf;
  });
}

/** Takes a stream out as if it had never been. */
export function dropStream(forged, stream) {
  for (const leaf of forged.leaves) if (leaf.stream === stream && leaf.object !== undefined) forged.remove(leaf.object);
  forged.leaves = forged.leaves
    .map((leaf) =>
      leaf.type === 'stream.heads' ? { ...leaf, heads: leaf.heads.filter((one) => one.stream !== stream) } : leaf,
    )
    .filter((leaf) => leaf.stream !== stream && !(leaf.type === 'stream.heads' && leaf.heads.length === 0));
}

/** Adds a closed stream of a pod that never was. `at`: time of its records. */
export function inventStream(forged, { stream, podUid, at }) {
  const like = forged.leaves.find(({ type }) => type === 'stream.open');
  const segmentLike = forged.leaves.find(({ type }) => type === 'segment');
  const key = makeStreamKey();
  const base = { v: 1, stream, time: at, mono_ns: 0 };
  const detail = {
    ...JSON.parse(forged.linesOf(like.stream)[0]).detail,
    pod: 'never-was',
    pod_uid: podUid,
    previous: null,
  };
  const records = [
    { ...base, seq: 0, prev: '', kind: 'stream.open', detail },
    { ...base, seq: 1, prev: '', kind: 'stream.close' },
  ];
  const { lines, hashes } = rechain(records, key);
  const head = (seq) => signHead({ stream, seq, hash: hashes[seq] }, key.sign);
  const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''));
  const digest = sha256(bytes);
  const object = `${dirname(segmentLike.object)}/${segmentFileName({ stream, first: 0, last: 1, sha16: digest.slice(0, 16) })}`;
  forged.write(object, bytes);
  const { previous: _previous, ...openLike } = like;
  const open = {
    ...openLike,
    stream,
    keyId: key.id,
    publicKey: key.spki,
    pod: 'never-was',
    podUid,
    openHash: hashes[0],
    sig: head(0),
    receivedAt: at,
  };
  const ends = {
    first: 0,
    last: 1,
    firstPrev: zeroHash,
    lastHash: hashes[1],
    signedSeq: 1,
    unsignedTail: 0,
    blobs: [],
  };
  const segment = {
    ...segmentLike,
    object,
    size: bytes.length,
    sha256: digest,
    stream,
    ...ends,
    sig: head(1),
    keyId: key.id,
    receivedAt: at,
  };
  forged.leaves.push(open, segment, {
    v: 1,
    type: 'stream.close',
    stream,
    lastSeq: 1,
    lastHash: hashes[1],
    receivedAt: at,
  });
  const { cluster, namespace, workload } = open;
  const owner = { stream, cluster, namespace, workload, pod: 'never-was', podUid };
  const object2 = { v: 1, keyId: key.id, publicKey: key.spki, use: 'stream', ...owner, validFrom: at, index: 0 };
  forged.write(`v1/keys/${key.id}.json`, JSON.stringify(object2));
}

/** Goes back to an earlier checkpoint: what came later is gone. Signatures of that time are kept. */
export function truncateTo(forged, size) {
  for (const leaf of forged.leaves.slice(size)) {
    if (leaf.object !== undefined) forged.remove(leaf.object);
    if (leaf.type === 'stream.open') forged.remove(`v1/keys/${leaf.keyId}.json`);
  }
  for (const file of globSync('v1/log/{batch,checkpoint}/*', { cwd: forged.dir })) {
    const number = Number(file.split('/').at(-1));
    if (file.includes('/checkpoint/') ? number > size : number >= size) forged.remove(file);
  }
  forged.leaves = forged.leaves.slice(0, size);
  forged.listObjects();
}

/** A second batch at an index that is taken, signed like the first. */
export function forkBatch(forged) {
  const [first] = globSync('v1/log/batch/*', { cwd: forged.dir }).toSorted().slice(1);
  const index = Number(first.split('/').at(-1));
  const [, , , count] = readFileSync(forged.path(first), 'utf8').split('\n');
  const texts = forged.leaves
    .slice(index, index + Number(count))
    .map((leaf) => JSON.stringify({ ...leaf, note: 'other' }));
  const honest = forged.path(first);
  renameSync(honest, `${honest}-1`);
  writeFileSync(honest, forged.log.batch(index, texts));
  forged.listObjects();
}
