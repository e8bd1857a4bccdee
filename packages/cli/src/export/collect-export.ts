/** What one session's export holds: its objects, every leaf that it rests on with a proof, one checkpoint, the keys. */
import {
  type ExportManifest,
  exportNames,
  formatTlogProof,
  hashLogLeaf,
  parseBatchNote,
  parseNote,
  toHex,
} from '@tachograph/archive';
import {
  type Leaf,
  parseLeaf,
  parseSessionManifest,
  type SegmentLeaf,
  type SessionManifestLeaf,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { CliError } from '../cli-error.ts';
import { exportReadme } from './export-readme.ts';
import { chooseCheckpoint } from './choose-checkpoint.ts';
import { blobNames, keyNames, objectEntry } from './export-objects.ts';
import type { ZipEntry } from './write-zip.ts';

/** A leaf with its exact text. */
interface LogLeaf {
  readonly index: number;
  readonly text: string;
  readonly leaf: Leaf;
}

interface ReadLog {
  readonly hashes: readonly Uint8Array[];
  /** Only of kinds that an export can rest on. */
  readonly leaves: readonly LogLeaf[];
}

/** What was collected, before any object is read. */
export interface CollectedExport {
  readonly entries: readonly ZipEntry[];
  readonly checkpoint: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly cosignatures: number;
  };
  readonly counts: { readonly leaves: number; readonly segments: number; readonly blobs: number };
}

const kept: ReadonlySet<string> = new Set<Leaf['type']>([
  'stream.open',
  'stream.close',
  'stream.lost',
  'segment',
  'session.manifest',
  'key.log',
  'key.retired',
]);

/** Collects a session's export. Throws `not_found` when it has no manifest, or no checkpoint covers it yet. */
export async function collectExport(store: ObjectStore, session: string, page: Uint8Array): Promise<CollectedExport> {
  const log = await readLog(store);
  const leaves = await leavesOf(store, log, session);
  const needed = Math.max(...leaves.map(({ index }) => index));
  const { note, checkpoint, prover } = await chooseCheckpoint(store, log.hashes, needed);
  const objects = leaves.flatMap(({ leaf }) => ('object' in leaf ? [leaf] : []));
  const segments = leaves.map(({ leaf }) => leaf).filter((leaf) => leaf.type === 'segment');
  const blobs = await blobNames(store, segments);
  const manifest: ExportManifest = {
    v: 1,
    kind: 'tachograph.session-export',
    session,
    leaves: leaves.map(({ index, leaf }) => ({ index, type: leaf.type })),
  };
  const entries = [
    textEntry(exportNames.manifest, `${JSON.stringify(manifest, null, 1)}\n`),
    textEntry(exportNames.checkpoint, note),
    textEntry(exportNames.readme, exportReadme(session)),
    { name: exportNames.page, bytes: () => Promise.resolve(page) },
    ...leaves.flatMap(({ index, text: leaf }) => [
      textEntry(exportNames.leaf(index), leaf),
      textEntry(exportNames.proof(index), formatTlogProof({ index, hashes: prover.prove(index), checkpoint: note })),
    ]),
    ...objects.map(({ object, generation }) => objectEntry(store, object, generation)),
    ...blobs.map((name) => objectEntry(store, name)),
    ...(await keyNames(store)).map((name) => objectEntry(store, name)),
  ];
  const cosignatures = Math.max((parseNote(note)?.signatures.length ?? 1) - 1, 0);
  return {
    entries,
    checkpoint: { origin: checkpoint.origin, size: checkpoint.size, root: toHex(checkpoint.root), cosignatures },
    counts: { leaves: leaves.length, segments: segments.length, blobs: blobs.length },
  };
}

function textEntry(name: string, content: string): ZipEntry {
  return { name, bytes: () => Promise.resolve(Buffer.from(content)) };
}

async function readLog(store: ObjectStore): Promise<ReadLog> {
  const hashes: Uint8Array[] = [];
  const leaves: LogLeaf[] = [];
  for await (const { name } of store.list('v1/log/batch/')) {
    const batch = parseBatchNote(Buffer.from((await store.get(name)) ?? []).toString('utf8'));
    // Junk under a batch's name is passed over; the checkpoint's root shows whether the right one was taken.
    if (batch?.firstIndex !== hashes.length) continue;
    for (const text of batch.leaves) {
      const leaf = parseLeaf(text);
      if (leaf !== undefined && kept.has(leaf.type)) leaves.push({ index: hashes.length, text, leaf });
      hashes.push(hashLogLeaf(nodeCrypto, text));
    }
  }
  if (hashes.length === 0) throw new CliError('not_found', 'there is no log in this archive');
  return { hashes, leaves };
}

/** The session's manifests, its stream's key and end, the segments that overlap it, and how the log's key changed. */
async function leavesOf(store: ObjectStore, { leaves }: ReadLog, session: string): Promise<readonly LogLeaf[]> {
  const manifests = leaves.flatMap(({ leaf }) => (isManifestOf(leaf, session) ? [leaf] : []));
  const newest = manifests.toSorted((a, b) => a.rev - b.rev).at(-1);
  if (newest === undefined) throw new CliError('not_found', `no closed session ${session} in this archive`);
  const { first, last } = await boundsOf(store, newest);
  const overlaps = (leaf: SegmentLeaf): boolean => leaf.first <= last && leaf.last >= first - 1;
  return leaves.filter(({ leaf }) => {
    if (leaf.type === 'key.log') return leaf.signedBy !== undefined;
    if (leaf.type === 'key.retired') return true;
    if (leaf.type === 'session.manifest') return leaf.session === session;
    if (!('stream' in leaf) || leaf.stream !== newest.stream) return false;
    return leaf.type !== 'segment' || overlaps(leaf);
  });
}

function isManifestOf(leaf: Leaf, session: string): leaf is SessionManifestLeaf {
  return leaf.type === 'session.manifest' && leaf.session === session;
}

async function boundsOf(
  store: ObjectStore,
  { object, generation }: SessionManifestLeaf,
): Promise<{ readonly first: number; readonly last: number }> {
  const bytes = (await store.get(object, { generation })) ?? (await store.get(object));
  const manifest = bytes === undefined ? undefined : parseSessionManifest(bytes);
  if (manifest !== undefined) return manifest;
  throw new CliError('not_found', `the session's manifest ${object} is absent or damaged: pull and verify the archive`);
}
