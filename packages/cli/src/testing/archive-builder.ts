/** An archive of any shape, written with the public writers of `archive` into any store, for the command line's tests. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  cosign,
  createNoteKey,
  createSessionRoot,
  createTree,
  encodeRecord,
  formatLogPolicy,
  formatNote,
  formatVkey,
  hashLine,
  hashLogLeaf,
  keyId,
  type NoteKey,
  noteKeyTypes,
  parseNote,
  signBatch,
  signCheckpoint,
  signHead,
} from '@tachograph/archive';
import {
  type Leaf,
  logOrigin,
  objectNames,
  type RecordDraft,
  segmentFileName,
  type SegmentLeaf,
  type SessionManifest,
  zeroHash,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';

interface TestKey {
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** When everything in a built archive happened, unless a draft says otherwise. */
const builtAt = '2026-11-21T12:00:00.000Z';
export const builtDay = '2026-11-21';

type SessionTotals = Pick<SessionManifest, 'count' | 'first' | 'last' | 'root'>;

/** A log, and streams into it. */
export class ArchiveBuilder {
  readonly store: ObjectStore;
  readonly #origin = logOrigin('demo');
  readonly #key = newKey();
  readonly #witness = newKey();
  readonly #noteKey: NoteKey;
  readonly #witnessKey: NoteKey;
  readonly #tree = createTree(nodeCrypto);
  readonly #pending: string[] = [];

  constructor(store: ObjectStore) {
    this.store = store;
    this.#noteKey = createNoteKey(nodeCrypto, this.#origin, this.#key.publicKey);
    this.#witnessKey = createNoteKey(nodeCrypto, 'witness.example', this.#witness.publicKey, noteKeyTypes.cosignature);
  }

  /** Policy of the log alone. */
  get policy(): string {
    return formatLogPolicy([formatVkey(this.#noteKey)]);
  }

  /** Policy that asks for the witness's cosignature. */
  get witnessedPolicy(): string {
    return `log ${formatVkey(this.#noteKey)}\nwitness w ${formatVkey(this.#witnessKey)}\nquorum w\n`;
  }

  leaf(leaf: Leaf | object): void {
    this.#pending.push(JSON.stringify(leaf));
  }

  openStream(at: { readonly namespace?: string; readonly workload?: string } = {}): StreamBuilder {
    return new StreamBuilder(this, { namespace: 'team-a', workload: 'files', ...at });
  }

  /** Writes the leaves so far as one batch, and a cosigned checkpoint over all; the checkpoint's note. */
  async publish(): Promise<string> {
    const firstIndex = this.#tree.size;
    const leaves = this.#pending.splice(0);
    for (const text of leaves) this.#tree.append(hashLogLeaf(nodeCrypto, text));
    const batch = signBatch({ origin: this.#origin, firstIndex, leaves }, this.#noteKey, this.#key.sign);
    const head = { origin: this.#origin, size: this.#tree.size, root: this.#tree.root() };
    const { text, signatures } = parseNote(signCheckpoint(head, this.#noteKey, this.#key.sign)) ?? never();
    const stamp = cosign(text, this.#witnessKey, Date.parse(builtAt) / 1000, this.#witness.sign);
    const checkpoint = formatNote(text, [...signatures, stamp]);
    await this.store.create(objectNames.batch(firstIndex), Buffer.from(batch));
    await this.store.create(objectNames.checkpoint(this.#tree.size), Buffer.from(checkpoint));
    return checkpoint;
  }
}

/** One recorder's stream. Records are added, sealed into segments, and sessions closed. */
export class StreamBuilder {
  readonly stream = randomUUID().replace(/^(.{14})./, '$17');
  readonly segments: SegmentLeaf[] = [];
  readonly #archive: ArchiveBuilder;
  readonly #at: { readonly namespace: string; readonly workload: string };
  readonly #key = newKey();
  readonly #lines: { readonly text: string; readonly hash: string; readonly session?: string | undefined }[] = [];
  readonly #blobs: { readonly sha256: string; readonly size: number }[] = [];
  #sealed = 0;

  constructor(archive: ArchiveBuilder, at: { readonly namespace: string; readonly workload: string }) {
    this.#archive = archive;
    this.#at = at;
    const hash = this.add({ kind: 'stream.open' });
    archive.leaf({
      v: 1,
      type: 'stream.open',
      cluster: 'demo',
      ...at,
      stream: this.stream,
      keyId: keyId(nodeCrypto, this.#key.publicKey),
      publicKey: Buffer.from(this.#key.publicKey).toString('base64'),
      pod: 'files-0',
      podUid: `uid-${this.stream}`,
      openHash: hash,
      sig: signHead({ stream: this.stream, seq: 0, hash }, this.#key.sign),
      receivedAt: builtAt,
    });
  }

  /** The line's hash. */
  add(draft: RecordDraft, time = builtAt): string {
    const seq = this.#lines.length;
    const prev = this.#lines.at(-1)?.hash ?? zeroHash;
    const text = encodeRecord({ stream: this.stream, seq, prev, time, mono_ns: seq * 1_000_000 }, draft);
    const hash = hashLine(nodeCrypto, Buffer.from(text));
    this.#lines.push({ text, hash, session: draft.kind === 'session.close' ? undefined : draft.session });
    return hash;
  }

  /** A body kept beside the segment; what the record names. */
  async blob(text: string): Promise<{ readonly sha256: string; readonly size: number }> {
    const bytes = Buffer.from(text);
    const blob = { sha256: sha256(bytes), size: bytes.length };
    await this.#archive.store.create(objectNames.blob(builtDay, this.stream, blob.sha256), bytes);
    this.#blobs.push(blob);
    return blob;
  }

  /** Stores what was added since the last time as one segment. */
  async seal(): Promise<SegmentLeaf> {
    const lines = this.#lines.slice(this.#sealed);
    const first = this.#sealed;
    const last = this.#lines.length - 1;
    const lastHash = lines.at(-1)?.hash ?? zeroHash;
    const bytes = gzipSync(lines.map(({ text }) => `${text}\n`).join(''));
    const digest = sha256(bytes);
    const file = segmentFileName({ stream: this.stream, first, last, sha16: digest.slice(0, 16) });
    const object = objectNames.record(this.#partition(), file);
    const { generation } = await this.#archive.store.create(object, bytes);
    const leaf: SegmentLeaf = {
      v: 1,
      type: 'segment',
      object,
      generation,
      size: bytes.length,
      sha256: digest,
      stream: this.stream,
      first,
      last,
      firstPrev: this.#lines[first - 1]?.hash ?? zeroHash,
      lastHash,
      signedSeq: last,
      sig: signHead({ stream: this.stream, seq: last, hash: lastHash }, this.#key.sign),
      keyId: keyId(nodeCrypto, this.#key.publicKey),
      unsignedTail: 0,
      blobs: this.#blobs.splice(0),
      receivedAt: builtAt,
    };
    this.#archive.leaf(leaf);
    this.segments.push(leaf);
    this.#sealed = this.#lines.length;
    return leaf;
  }

  /** Adds the session's close, seals, and stores its manifest; the manifest. */
  async close(session: string, facts: Partial<SessionManifest> = {}): Promise<SessionManifest> {
    const totals = this.#addClose(session);
    await this.seal();
    return (await this.#storeManifest(session, totals, facts)).manifest;
  }

  /** The same, and the end of the stream in the same segment; names of segment and manifest. */
  async closeAll(session: string): Promise<{ readonly segment: string; readonly manifest: string }> {
    const totals = this.#addClose(session);
    this.add({ kind: 'stream.close' });
    const { object: segment } = await this.seal();
    const { object: manifest } = await this.#storeManifest(session, totals);
    this.end();
    return { segment, manifest };
  }

  #addClose(session: string): SessionTotals {
    const lines = this.#lines.flatMap((line, seq) => (line.session === session ? [{ ...line, seq }] : []));
    const root = createSessionRoot(nodeCrypto);
    for (const { hash } of lines) root.append(hash);
    const totals = { count: lines.length, first: lines[0]?.seq ?? 0, last: lines.at(-1)?.seq ?? 0, root: root.root() };
    this.add({ kind: 'session.close', session, detail: { closed: 'delete', ...totals } });
    return totals;
  }

  async #storeManifest(
    session: string,
    totals: SessionTotals,
    facts: Partial<SessionManifest> = {},
  ): Promise<{ readonly manifest: SessionManifest; readonly object: string }> {
    const overlaps = this.segments.filter(({ first, last }) => first <= totals.last && last >= totals.first);
    const manifest: SessionManifest = {
      v: 1,
      session,
      rev: 0,
      stream: this.stream,
      cluster: 'demo',
      ...this.#at,
      pod: 'files-0',
      principal: { iss: 'https://issuer.example', sub: 'alice', type: 'human' },
      client: { name: 'inspector' },
      opened: builtAt,
      ended: builtAt,
      closed: 'delete',
      ...totals,
      segments: overlaps.map(({ object, generation, sha256: digest }) => ({ object, generation, sha256: digest })),
      ...facts,
    };
    return { manifest, object: await this.#store(manifest) };
  }

  end(): void {
    const last = this.segments.at(-1);
    const { last: lastSeq, lastHash } = last ?? never();
    this.#archive.leaf({ v: 1, type: 'stream.close', stream: this.stream, lastSeq, lastHash, receivedAt: builtAt });
  }

  async #store(manifest: SessionManifest): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const { session, stream, rev } = manifest;
    const object = objectNames.session(this.#partition(), session, rev, sha256(bytes).slice(0, 16));
    const { generation } = await this.#archive.store.create(object, bytes);
    const of = { object, generation, size: bytes.length, sha256: sha256(bytes) };
    this.#archive.leaf({ v: 1, type: 'session.manifest', ...of, session, stream, rev, receivedAt: builtAt });
    return object;
  }

  #partition(): { readonly cluster: string; readonly namespace: string; readonly day: string } {
    return { cluster: 'demo', namespace: this.#at.namespace, day: builtDay };
  }
}

function newKey(): TestKey {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { publicKey, sign: (message) => sign(null, message, pair.privateKey) };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function never(): never {
  throw new Error('the builder is misused');
}
