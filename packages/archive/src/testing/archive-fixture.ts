/** A small whole archive in memory, written with this package's own writers; tests then damage it. */
import { gunzipSync, gzipSync, constants } from 'node:zlib';
import {
  type Leaf,
  objectNames,
  type RecordDraft,
  segmentFileName,
  type SegmentLeaf,
  type SessionManifest,
  type StreamOpenLeaf,
  zeroHash,
} from '@tachograph/protocol';
import { signBatch } from '../batch.ts';
import { toBase64, toHex, utf8 } from '../bytes.ts';
import { signCheckpoint } from '../checkpoint.ts';
import { encodeRecord } from '../encode-record.ts';
import { hashLine, signHead } from '../head.ts';
import { keyId } from '../keys.ts';
import { parseLogPolicy, type LogPolicy } from '../log-policy.ts';
import { hashLogLeaf } from '../log-leaf.ts';
import { createTree } from '../merkle.ts';
import { createNoteKey, formatVkey } from '../note.ts';
import { createSessionRoot } from '../session-root.ts';
import type { ArchiveSource, Gunzip } from '../verify/archive-source.ts';
import { createTestKey, nodeCrypto as crypto, type TestKey } from './node-crypto.ts';

export const day = '2026-11-21';
export const time = `${day}T12:00:00.000Z`;
export const partition = { cluster: 'demo', namespace: 'team-a', day };
export const origin = 'tachograph.dev/demo';
export const stream = '01932b00-0000-7000-8000-000000000001';
export const session = '01932b00-0000-7000-8000-0000000000aa';

/** Objects by name. */
export type Objects = Map<string, Uint8Array>;

export const gunzip: Gunzip = (bytes, limitBytes) => {
  try {
    const lines = gunzipSync(bytes, { maxOutputLength: limitBytes });
    return Promise.resolve({ bytes: lines, complete: true });
  } catch {
    return Promise.resolve({ bytes: gunzipPrefix(bytes), complete: false });
  }
};

function gunzipPrefix(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array();
  }
}

/** A copy in a directory, or with `authoritative` the bucket itself. */
export function sourceOf(objects: Objects, authoritative = false): ArchiveSource {
  return {
    authoritative,
    async *list(prefix) {
      await Promise.resolve();
      for (const name of [...objects.keys()].toSorted()) {
        if (name.startsWith(prefix)) yield { name, size: objects.get(name)?.length ?? 0, generation: '1' };
      }
    },
    get: (name) => Promise.resolve(objects.get(name)),
  };
}

/** Lines of one stream as its sidecar wrote them. */
export class StreamFixture {
  readonly key: TestKey = createTestKey();
  readonly lines: string[] = [];
  readonly hashes: string[] = [];
  readonly stream: string;

  constructor(id = stream) {
    this.stream = id;
    this.add({ kind: 'stream.open', detail: { cluster: 'demo' } });
  }

  get keyId(): string {
    return keyId(crypto, this.key.publicKey);
  }

  add(...drafts: readonly RecordDraft[]): void {
    for (const draft of drafts) {
      const seq = this.lines.length;
      const prev = this.hashes.at(-1) ?? zeroHash;
      const line = encodeRecord({ stream: this.stream, seq, prev, time, mono_ns: seq }, draft);
      this.lines.push(line);
      this.hashes.push(hashLine(crypto, utf8(line)));
    }
  }

  head(seq: number): string {
    return signHead({ stream: this.stream, seq, hash: this.hashes[seq] ?? '' }, this.key.sign);
  }

  openLeaf(): StreamOpenLeaf {
    return {
      v: 1,
      type: 'stream.open',
      cluster: 'demo',
      namespace: 'team-a',
      workload: 'files',
      stream: this.stream,
      keyId: this.keyId,
      publicKey: toBase64(this.key.publicKey),
      pod: 'files-0',
      podUid: 'uid-0',
      openHash: this.hashes[0] ?? '',
      sig: this.head(0),
      receivedAt: time,
    };
  }

  /** Seals lines `first` to `last` and gives object and leaf. */
  seal(objects: Objects, first: number, last: number, signedSeq = last): SegmentLeaf {
    const lines = this.lines.slice(first, last + 1);
    const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''));
    const sha256 = toHex(crypto.sha256(bytes));
    const name = segmentFileName({ stream: this.stream, first, last, sha16: sha256.slice(0, 16) });
    const object = objectNames.record(partition, name);
    objects.set(object, bytes);
    return {
      v: 1,
      type: 'segment',
      object,
      generation: '1',
      size: bytes.length,
      sha256,
      stream: this.stream,
      first,
      last,
      firstPrev: this.hashes[first - 1] ?? zeroHash,
      lastHash: this.hashes[last] ?? '',
      signedSeq,
      sig: this.head(signedSeq),
      keyId: this.keyId,
      unsignedTail: last - signedSeq,
      blobs: [],
      receivedAt: time,
    };
  }
}

/** The log of an archive. */
export class LogFixture {
  readonly key: TestKey = createTestKey();
  readonly noteKey = createNoteKey(crypto, origin, this.key.publicKey);
  readonly tree = createTree(crypto);
  readonly objects: Objects;

  constructor(objects: Objects) {
    this.objects = objects;
  }

  get policyText(): string {
    return `log ${formatVkey(this.noteKey)}\nquorum none\n`;
  }

  policy(text = this.policyText): LogPolicy {
    const parsed = parseLogPolicy(crypto, text);
    if (parsed.kind !== 'ok') throw new Error(`policy line ${parsed.line}: ${parsed.reason}`);
    return parsed.policy;
  }

  batch(...leaves: readonly (Leaf | string)[]): void {
    const texts = leaves.map((leaf) => (typeof leaf === 'string' ? leaf : JSON.stringify(leaf)));
    const firstIndex = this.tree.size;
    const note = signBatch({ origin, firstIndex, leaves: texts }, this.noteKey, this.key.sign);
    this.objects.set(objectNames.batch(firstIndex), utf8(note));
    for (const text of texts) this.tree.append(hashLogLeaf(crypto, text));
  }

  checkpoint(): string {
    const { size } = this.tree;
    const note = signCheckpoint({ origin, size, root: this.tree.root() }, this.noteKey, this.key.sign);
    this.objects.set(objectNames.checkpoint(size), utf8(note));
    return note;
  }
}

/** One session's records: open, `calls` requests with their responses, close with the totals. */
export function addSession(it: StreamFixture, calls: number, id = session): SessionManifest {
  const first = it.lines.length;
  it.add({ kind: 'session.open', session: id });
  for (let call = 0; call < calls; call += 1) {
    const common = { session: id, exchange: call, mcp_method_name: 'tools/call', jsonrpc_request_id: String(call) };
    it.add({ kind: 'mcp.request', dir: 'c2s', ...common, body: `{"id":${call},"text":"request \u00e9"}` });
    it.add({ kind: 'mcp.response', dir: 's2c', ...common, outcome: 'answered', body: `{"id":${call}}` });
  }
  const root = createSessionRoot(crypto);
  for (const hash of it.hashes.slice(first)) root.append(hash);
  const totals = { count: root.count, first, last: it.lines.length - 1, root: root.root() };
  it.add({ kind: 'session.close', session: id, detail: { closed: 'delete', ...totals } });
  return {
    v: 1,
    session: id,
    rev: 0,
    stream: it.stream,
    cluster: 'demo',
    namespace: 'team-a',
    workload: 'files',
    pod: 'files-0',
    opened: time,
    ended: time,
    closed: 'delete',
    ...totals,
    segments: [],
  };
}

/** Stores a manifest; gives its leaf. */
export function storeManifest(objects: Objects, manifest: SessionManifest): Leaf {
  const bytes = utf8(JSON.stringify(manifest));
  const sha256 = toHex(crypto.sha256(bytes));
  const object = objectNames.session(partition, manifest.session, manifest.rev, sha256.slice(0, 16));
  objects.set(object, bytes);
  return {
    v: 1,
    type: 'session.manifest',
    object,
    generation: '1',
    size: bytes.length,
    sha256,
    session: manifest.session,
    stream: manifest.stream,
    rev: manifest.rev,
    receivedAt: time,
  };
}
