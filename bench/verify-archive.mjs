// Writes an archive of any size with the archive's own writers: streams of segments of 4 MiB, sessions of 50 calls,
// answers of 1 KB (one in fifty of 64 KB), compressed as the recorder compresses. Pooled: the answers are drawn from 220
// texts, so that 10 GB are written in minutes and take 1.7 GB of disk.
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  createNoteKey,
  createSessionRoot,
  createTree,
  encodeRecord,
  formatLogPolicy,
  formatVkey,
  hashLogLeaf,
  keyId,
  signBatch,
  signCheckpoint,
  signHead,
} from '@tachograph/archive';
import { logOrigin, objectNames, segmentFileName, zeroHash } from '@tachograph/protocol';
import { nodeCrypto } from '../packages/cli/src/archive/node-crypto.ts';

const sealBytes = 4 * 1024 * 1024;
const callsOfSession = 50;
const at = { cluster: 'bench', namespace: 'bench', day: '2026-11-21' };
const time = '2026-11-21T12:00:00.000Z';
const gzipOptions = { level: 1, memLevel: 9 };

/** A deterministic source of numbers below `n`: every run writes the same records. */
function createRandom(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const words = 'issue branch review merge failed deploy customer invoice region latency retry token schema index'.split(
  ' ',
);

function issueOf(random) {
  const id = random(1e9).toString(36);
  const text = Array.from({ length: 12 }, () => words[random(words.length)]).join(' ');
  return {
    id,
    number: random(90_000),
    title: text,
    author: `user-${random(5000)}`,
    state: 'open',
    url: `https://api.example/issues/${id}`,
  };
}

/** An answer of about `bytes` as a tool gives it: JSON in a text in JSON. */
function answerOf(random, bytes) {
  const issues = [];
  for (let size = 0; size < bytes * 0.7; size += 230) issues.push(issueOf(random));
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    result: { content: [{ type: 'text', text: JSON.stringify(issues) }] },
  });
}

function uuid(n, kind) {
  return `01932b00-0000-7000-8000-${kind}${n.toString(16).padStart(11, '0')}`;
}

function newKey() {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
  return { publicKey, sign: (message) => sign(null, message, pair.privateKey) };
}

function createPool() {
  const random = createRandom(99);
  const small = Array.from({ length: 200 }, () => answerOf(random, 1024));
  const large = Array.from({ length: 20 }, () => answerOf(random, 65_536));
  return (own, isLarge) => (isLarge ? large[own(20)] : small[own(200)]);
}

const newAnswer = (random, isLarge) => answerOf(random, isLarge ? 65_536 : 1024);

/** Writes one stream, and pushes its leaves. */
export class StreamWriter {
  constructor(dir, number, leaves, answer = newAnswer) {
    this.answer = answer;
    Object.assign(this, {
      dir,
      number,
      leaves,
      stream: uuid(number, '0'),
      key: newKey(),
      random: createRandom(number + 1),
    });
    Object.assign(this, {
      lines: [],
      bytes: 0,
      seq: 0,
      first: 0,
      prev: zeroHash,
      firstPrev: zeroHash,
      total: 0,
      sessions: 0,
      manifests: [],
      segments: [],
    });
  }

  add(draft) {
    const line = encodeRecord(
      { stream: this.stream, seq: this.seq, prev: this.prev, time, mono_ns: this.seq * 1000 },
      draft,
    );
    this.prev = hash('sha256', line, 'hex');
    this.root?.append(this.prev);
    this.lines.push(line);
    this.bytes += Buffer.byteLength(line) + 1;
    this.seq += 1;
    if (this.seq === 1) this.open();
    if (this.bytes >= sealBytes) this.seal();
  }

  open() {
    this.leaves.push({
      v: 1,
      type: 'stream.open',
      cluster: at.cluster,
      namespace: at.namespace,
      workload: 'bench',
      stream: this.stream,
      keyId: keyId(nodeCrypto, this.key.publicKey),
      publicKey: Buffer.from(this.key.publicKey).toString('base64'),
      pod: `bench-${this.number}`,
      podUid: `uid-${this.number}`,
      openHash: this.prev,
      sig: this.head(0),
      receivedAt: time,
    });
  }

  head(seq) {
    return signHead({ stream: this.stream, seq, hash: this.prev }, this.key.sign);
  }

  seal() {
    const { stream, first, firstPrev } = this;
    const last = this.seq - 1;
    const bytes = gzipSync(`${this.lines.join('\n')}\n`, gzipOptions);
    const sha256 = hash('sha256', bytes, 'hex');
    const object = objectNames.record(at, segmentFileName({ stream, first, last, sha16: sha256.slice(0, 16) }));
    write(join(this.dir, object), bytes);
    this.leaves.push({
      v: 1,
      type: 'segment',
      object,
      generation: '1',
      size: bytes.length,
      sha256,
      stream,
      first,
      last,
      firstPrev,
      lastHash: this.prev,
      signedSeq: last,
      sig: this.head(last),
      keyId: keyId(nodeCrypto, this.key.publicKey),
      unsignedTail: 0,
      blobs: [],
      receivedAt: time,
    });
    this.segments.push({ object, generation: '1', sha256, first, last });
    this.total += this.bytes;
    Object.assign(this, { lines: [], bytes: 0, first: this.seq, firstPrev: this.prev });
  }

  session() {
    const session = uuid(this.number * 0x100000 + this.sessions, 'a');
    this.sessions += 1;
    this.root = createSessionRoot(nodeCrypto);
    const first = this.seq;
    this.add({
      kind: 'session.open',
      session,
      principal: { iss: 'https://issuer.example', sub: 'alice', type: 'human' },
    });
    for (let call = 0; call < callsOfSession; call += 1) this.call(session, call);
    const totals = { count: this.root.count, first, last: this.seq - 1, root: this.root.root() };
    const detail = { closed: 'idle', ...totals };
    this.root = undefined;
    this.manifests.push({ session, ...totals });
    this.add({ kind: 'session.close', session, detail });
  }

  call(session, call) {
    const common = {
      session,
      exchange: call,
      mcp_method_name: 'tools/call',
      gen_ai_tool_name: 'query',
      jsonrpc_request_id: '7',
    };
    const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"query","arguments":{"q":"${words[this.random(14)]} ${this.random(1e9)}"}}}`;
    const mask = { rules: 'a'.repeat(64), hits: 0 };
    this.add({
      kind: 'mcp.request',
      dir: 'c2s',
      origin: 'network',
      ...common,
      decision: { verdict: 'allow', rule: 'read' },
      mask,
      body,
    });
    const answer = this.answer(this.random, this.random(50) === 0);
    const http = { status: 200, request_bytes: 500, response_bytes: answer.length, duration_ms: 1.25 };
    this.add({ kind: 'mcp.response', dir: 's2c', ...common, outcome: 'answered', mask, http, body: answer });
  }

  /** What the sequencer makes of every session that was closed. */
  writeManifests() {
    const { stream } = this;
    const workload = { cluster: at.cluster, namespace: at.namespace, workload: 'bench', pod: `bench-${this.number}` };
    for (const { session, ...totals } of this.manifests) {
      const segments = this.segments
        .filter(({ first, last }) => first <= totals.last && last >= totals.first)
        .map(({ object, generation, sha256 }) => ({ object, generation, sha256 }));
      const facts = {
        v: 1,
        session,
        rev: 0,
        stream,
        ...workload,
        opened: time,
        ended: time,
        closed: 'idle',
        ...totals,
      };
      const bytes = Buffer.from(JSON.stringify({ ...facts, segments }));
      const sha256 = hash('sha256', bytes, 'hex');
      const object = objectNames.session(at, session, 0, sha256.slice(0, 16));
      write(join(this.dir, object), bytes);
      const stored = { object, generation: '1', size: bytes.length, sha256 };
      this.leaves.push({ v: 1, type: 'session.manifest', ...stored, session, stream, rev: 0, receivedAt: time });
    }
  }

  /** Until the stream holds that many bytes of records. */
  fill(bytes) {
    this.add({ kind: 'stream.open', detail: { cluster: at.cluster } });
    while (this.total + this.bytes < bytes) this.session();
    this.add({ kind: 'stream.close' });
    if (this.lines.length > 0) this.seal();
    this.writeManifests();
    this.leaves.push({
      v: 1,
      type: 'stream.close',
      stream: this.stream,
      lastSeq: this.seq - 1,
      lastHash: this.prev,
      receivedAt: time,
    });
    return { bytes: this.total, records: this.seq };
  }
}

function write(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** The log over all leaves, a checkpoint, and `policy.txt`. */
export function writeLog(dir, leaves) {
  const key = newKey();
  const origin = logOrigin(at.cluster);
  const noteKey = createNoteKey(nodeCrypto, origin, key.publicKey);
  const tree = createTree(nodeCrypto);
  for (let first = 0; first < leaves.length; first += 100) {
    const texts = leaves.slice(first, first + 100).map((leaf) => JSON.stringify(leaf));
    write(
      join(dir, objectNames.batch(first)),
      signBatch({ origin, firstIndex: first, leaves: texts }, noteKey, key.sign),
    );
    for (const text of texts) tree.append(hashLogLeaf(nodeCrypto, text));
  }
  const checkpoint = signCheckpoint({ origin, size: tree.size, root: tree.root() }, noteKey, key.sign);
  write(join(dir, objectNames.checkpoint(tree.size)), checkpoint);
  write(join(dir, 'policy.txt'), formatLogPolicy([formatVkey(noteKey)]));
}

/** An archive with about that many bytes of records in `streams` streams, unless `dir` has it. */
export function writeArchive(dir, bytes, streams, isPooled = false) {
  if (existsSync(join(dir, 'policy.txt'))) return;
  const leaves = [];
  const answer = isPooled ? createPool() : newAnswer;
  for (let n = 0; n < streams; n += 1) new StreamWriter(dir, n, leaves, answer).fill(bytes / streams);
  writeLog(dir, leaves);
}
