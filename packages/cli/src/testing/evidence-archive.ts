/** An archive of one recorded pod with everything that evidence is made of, for the tests of `tacho evidence`. */
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
import { logOrigin, objectNames, type RecordDraft, segmentFileName, zeroHash } from '@tachograph/protocol';
import { createDirectoryStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';

export const day = '2026-11-20';
const at = { cluster: 'demo', namespace: 'team-a', day };
const streamId = '01932a00-0000-7000-8000-000000000001';
const sessionId = '01932a00-0000-7000-8000-0000000000aa';

/** What stands where. */
export interface EvidenceArchive {
  /** Text of the verifier's policy. */
  readonly policy: string;
  readonly segment: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

export interface EvidenceArchiveOptions {
  /** Between the recorder's session and its end. */
  readonly records?: readonly RecordDraft[];
  /** After the stream's, before the checkpoint. */
  readonly leaves?: readonly object[];
  /** After the checkpoint. */
  readonly uncovered?: readonly object[];
}

export const alice = { iss: 'https://issuer.example', sub: 'alice', type: 'human', groups: ['dev'] } as const;

/** A time of the archive's one hour: longer logs have period manifests. */
export function timeAt(minute: number): string {
  return `${day}T08:${String(minute).padStart(2, '0')}:00.000Z`;
}

/** A call with its answer, as a sidecar records them. */
export function callRecords(
  exchange: number,
  tool: string,
  more: { readonly request?: Partial<RecordDraft>; readonly answer?: Partial<RecordDraft> } = {},
): readonly RecordDraft[] {
  const named = {
    exchange,
    jsonrpc_request_id: String(exchange),
    mcp_method_name: 'tools/call',
    gen_ai_tool_name: tool,
  };
  const decision = { verdict: 'allow', rule: 'readers', policy: 'team-a/files' } as const;
  return [
    {
      kind: 'mcp.request',
      dir: 'c2s',
      origin: 'network',
      principal: alice,
      decision,
      body: '{"text":"never exported"}',
      http: { method: 'POST', path: '/mcp' },
      ...named,
      ...more.request,
    },
    {
      kind: 'mcp.response',
      dir: 's2c',
      http: { status: 200, duration_ms: 12.5 },
      body: '{}',
      ...named,
      ...more.answer,
    },
  ];
}

/** Writes it: a pod from 08:00 to 08:51, its recorder from 08:01 to 08:50, one session. */
export async function writeEvidenceArchive(
  dir: string,
  options: EvidenceArchiveOptions = {},
): Promise<EvidenceArchive> {
  const store = createDirectoryStore(dir);
  const key = newKey();
  const { lines, hashes } = writeLines(options.records ?? []);
  const last = lines.length - 1;
  const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''));
  const digest = sha256(bytes);
  const segment = objectNames.record(
    at,
    segmentFileName({ stream: streamId, first: 0, last, sha16: digest.slice(0, 16) }),
  );
  const headAt = (seq: number): string => signHead({ stream: streamId, seq, hash: hashes[seq] ?? '' }, key.sign);
  await store.create(segment, bytes);
  const pod = { cluster: 'demo', namespace: 'team-a', pod: 'files-0', podUid: 'uid-0' };
  const stream = { v: 1, stream: streamId };
  const leaves = [
    { v: 1, type: 'pod.injected', ...pod, workload: 'files', at: timeAt(0) },
    {
      ...stream,
      type: 'stream.open',
      ...pod,
      workload: 'files',
      keyId: keyId(nodeCrypto, key.publicKey),
      publicKey: Buffer.from(key.publicKey).toString('base64'),
      containerStartedAt: timeAt(1),
      openHash: hashes[0],
      sig: headAt(0),
      receivedAt: timeAt(1),
    },
    {
      ...stream,
      type: 'segment',
      object: segment,
      generation: '1',
      size: bytes.length,
      sha256: digest,
      first: 0,
      last,
      firstPrev: zeroHash,
      lastHash: hashes[last],
      signedSeq: last,
      sig: headAt(last),
      keyId: keyId(nodeCrypto, key.publicKey),
      unsignedTail: 0,
      blobs: [],
      receivedAt: timeAt(50),
    },
    { ...stream, type: 'stream.close', lastSeq: last, lastHash: hashes[last], receivedAt: timeAt(50) },
    { v: 1, type: 'pod.deleted', ...pod, at: timeAt(51) },
    ...(options.leaves ?? []),
  ];
  return { segment, ...(await writeLog(dir, leaves, options.uncovered ?? [])) };
}

async function writeLog(
  dir: string,
  covered: readonly object[],
  uncovered: readonly object[],
): Promise<Omit<EvidenceArchive, 'segment'>> {
  const store = createDirectoryStore(dir);
  const origin = logOrigin('demo');
  const key = newKey();
  const noteKey = createNoteKey(nodeCrypto, origin, key.publicKey);
  const tree = createTree(nodeCrypto);
  const write = async (leaves: readonly object[]): Promise<void> => {
    if (leaves.length === 0) return;
    const firstIndex = tree.size;
    const texts = leaves.map((leaf) => JSON.stringify(leaf));
    for (const text of texts) tree.append(hashLogLeaf(nodeCrypto, text));
    const batch = signBatch({ origin, firstIndex, leaves: texts }, noteKey, key.sign);
    await store.create(objectNames.batch(firstIndex), Buffer.from(batch));
  };
  await write(covered.slice(0, 3));
  await write(covered.slice(3));
  const { size } = tree;
  const root = tree.root();
  const checkpoint = signCheckpoint({ origin, size, root }, noteKey, key.sign);
  await store.create(objectNames.checkpoint(size), Buffer.from(checkpoint));
  await write(uncovered);
  return { policy: formatLogPolicy([formatVkey(noteKey)]), size, root: Buffer.from(root).toString('hex') };
}

function writeLines(records: readonly RecordDraft[]): {
  readonly lines: readonly string[];
  readonly hashes: readonly string[];
} {
  const lines: string[] = [];
  const hashes: string[] = [];
  const add = (draft: RecordDraft): void => {
    const prev = hashes.at(-1) ?? zeroHash;
    const time = timeAt(2 + (lines.length % 48));
    const line = encodeRecord({ stream: streamId, seq: lines.length, prev, time, mono_ns: lines.length }, draft);
    lines.push(line);
    hashes.push(hashLine(nodeCrypto, Buffer.from(line)));
  };
  add({ kind: 'stream.open' });
  add({ kind: 'session.open', session: sessionId, principal: alice, client: { name: 'inspector', version: '1' } });
  for (const record of records) add({ session: sessionId, ...record });
  const root = createSessionRoot(nodeCrypto);
  for (const hash of hashes.slice(1)) root.append(hash);
  const closing = { count: root.count, first: 1, last: lines.length - 1, root: root.root() };
  add({ kind: 'session.close', session: sessionId, detail: { closed: 'delete', ...closing } });
  add({ kind: 'stream.close' });
  return { lines, hashes };
}

function newKey(): { readonly publicKey: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array } {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { publicKey, sign: (message) => sign(null, message, pair.privateKey) };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
