/** A small archive in a directory, written with the public writers of `archive`, for the command line's tests. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  createNoteKey,
  createSessionRoot,
  createTree,
  encodeRecord,
  formatLogPolicy,
  formatVkey,
  hashLine,
  hashLogLeaf,
  keyId,
  signBatch,
  signCheckpoint,
  signHead,
} from '@tachograph/archive';
import {
  logOrigin,
  objectNames,
  type RecordDraft,
  segmentFileName,
  type SegmentLeaf,
  type SessionManifest,
  zeroHash,
} from '@tachograph/protocol';
import { createDirectoryStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';

export const session = '01932b00-0000-7000-8000-0000000000aa';
export const stream = '01932b00-0000-7000-8000-000000000001';
export const time = '2026-11-21T12:00:00.000Z';
const at = { cluster: 'demo', namespace: 'team-a', day: '2026-11-21' };

/** Where things are, and what the verifier believes. */
export interface TestArchive {
  readonly policy: string;
  readonly segment: string;
  readonly manifest: string;
  readonly blob: string;
  readonly checkpoint: string;
}

/** One closed stream with one session of one call, whose answer is a blob. */
export async function writeTestArchive(dir: string): Promise<TestArchive> {
  const store = createDirectoryStore(dir);
  const blobBytes = Buffer.from('{"big":"answer"}');
  const blobHash = sha256(blobBytes);
  const streamKey = newKey();
  const { lines, hashes, closing } = writeLines({ sha256: blobHash, size: blobBytes.length });
  const last = lines.length - 1;
  const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''));
  const segment = objectNames.record(
    at,
    segmentFileName({ stream, first: 0, last, sha16: sha256(bytes).slice(0, 16) }),
  );
  const headAt = (seq: number): string => signHead({ stream, seq, hash: hashes[seq] ?? '' }, streamKey.sign);
  const leaf: SegmentLeaf = {
    v: 1,
    type: 'segment',
    object: segment,
    generation: '1',
    size: bytes.length,
    sha256: sha256(bytes),
    stream,
    first: 0,
    last,
    firstPrev: zeroHash,
    lastHash: hashes[last] ?? '',
    signedSeq: last,
    sig: headAt(last),
    keyId: keyId(nodeCrypto, streamKey.publicKey),
    unsignedTail: 0,
    blobs: [{ sha256: blobHash, size: blobBytes.length }],
    receivedAt: time,
  };
  const manifest = manifestOf(closing, leaf);
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  const manifestName = objectNames.session(at, session, 0, sha256(manifestBytes).slice(0, 16));
  const blob = objectNames.blob(at.day, stream, blobHash);
  const open = openLeafOf(streamKey.publicKey, hashes[0] ?? '', headAt(0));
  const manifestLeaf = {
    v: 1,
    type: 'session.manifest',
    object: manifestName,
    generation: '1',
    size: manifestBytes.length,
    sha256: sha256(manifestBytes),
    session,
    stream,
    rev: 0,
    receivedAt: time,
  };
  await store.create(segment, bytes);
  await store.create(blob, blobBytes);
  await store.create(manifestName, manifestBytes);
  const close = { v: 1, type: 'stream.close', stream, lastSeq: last, lastHash: leaf.lastHash, receivedAt: time };
  const log = await writeLog(dir, [open, leaf, manifestLeaf, close]);
  return { ...log, segment, manifest: manifestName, blob };
}

async function writeLog(dir: string, leaves: readonly object[]): Promise<{ policy: string; checkpoint: string }> {
  const store = createDirectoryStore(dir);
  const origin = logOrigin('demo');
  const key = newKey();
  const noteKey = createNoteKey(nodeCrypto, origin, key.publicKey);
  const texts = leaves.map((leaf) => JSON.stringify(leaf));
  const tree = createTree(nodeCrypto);
  for (const text of texts) tree.append(hashLogLeaf(nodeCrypto, text));
  const batch = signBatch({ origin, firstIndex: 0, leaves: texts }, noteKey, key.sign);
  const checkpoint = signCheckpoint({ origin, size: tree.size, root: tree.root() }, noteKey, key.sign);
  await store.create(objectNames.batch(0), Buffer.from(batch));
  await store.create(objectNames.checkpoint(tree.size), Buffer.from(checkpoint));
  return { policy: formatLogPolicy([formatVkey(noteKey)]), checkpoint };
}

interface Lines {
  readonly lines: readonly string[];
  readonly hashes: readonly string[];
  readonly closing: { readonly count: number; readonly first: number; readonly last: number; readonly root: string };
}

function writeLines(blob: { readonly sha256: string; readonly size: number }): Lines {
  const lines: string[] = [];
  const hashes: string[] = [];
  const add = (draft: RecordDraft): void => {
    const line = encodeRecord({ stream, seq: lines.length, prev: hashes.at(-1) ?? zeroHash, time, mono_ns: 1 }, draft);
    lines.push(line);
    hashes.push(hashLine(nodeCrypto, Buffer.from(line)));
  };
  add({ kind: 'stream.open' });
  add({ kind: 'session.open', session });
  add({ kind: 'mcp.request', session, dir: 'c2s', body: '{"jsonrpc":"2.0","id":1,"method":"tools/call"}' });
  add({ kind: 'mcp.response', session, dir: 's2c', blob });
  const root = createSessionRoot(nodeCrypto);
  for (const hash of hashes.slice(1)) root.append(hash);
  const closing = { count: root.count, first: 1, last: 3, root: root.root() };
  add({ kind: 'session.close', session, detail: { closed: 'delete', ...closing } });
  add({ kind: 'stream.close' });
  return { lines, hashes, closing };
}

function manifestOf(closing: Lines['closing'], { object, generation, sha256: digest }: SegmentLeaf): SessionManifest {
  return {
    v: 1,
    session,
    rev: 0,
    stream,
    cluster: 'demo',
    namespace: 'team-a',
    workload: 'files',
    pod: 'files-0',
    principal: { iss: 'https://issuer.example', sub: 'alice', type: 'human' },
    client: { name: 'inspector' },
    opened: time,
    ended: time,
    closed: 'delete',
    ...closing,
    segments: [{ object, generation, sha256: digest }],
  };
}

function openLeafOf(publicKey: Uint8Array, openHash: string, sig: string): object {
  return {
    v: 1,
    type: 'stream.open',
    cluster: 'demo',
    namespace: 'team-a',
    workload: 'files',
    stream,
    keyId: keyId(nodeCrypto, publicKey),
    publicKey: Buffer.from(publicKey).toString('base64'),
    pod: 'files-0',
    podUid: 'uid-0',
    openHash,
    sig,
    receivedAt: time,
  };
}

function newKey(): { readonly publicKey: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array } {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { publicKey, sign: (message) => sign(null, message, pair.privateKey) };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
