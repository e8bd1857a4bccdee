/** The log while this process leads: admission, group commit, checkpoints. */
import {
  assertLeafText,
  type Checkpoint,
  equalBytes,
  formatCheckpoint,
  formatNote,
  parseNote,
  readConsistencyProof,
  readInclusionProof,
  toHex,
  verifyCheckpoint,
} from '@tachograph/archive';
import { maxLeafBytes, objectNames, parseLeaf, type Archived, type Leaf } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import type { Witnesses } from '../witness/witnesses.ts';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import type { Timers } from '../ports.ts';
import { admitLeaf, type Admission } from './admit-leaf.ts';
import { BatchWriter } from './batch-writer.ts';
import { placeOfObject } from './find-segments.ts';
import { leafHashOf } from './leaf-hash.ts';
import { createLeafReader, type LeafReader } from './leaf-reader.ts';
import type { LogIndex } from './log-index.ts';
import type { HeldKeys } from './log-key.ts';
import type { LogKeyState } from './log-key-state.ts';
import type { ReadLog } from './read-log.ts';
import { signWith } from './sign-note.ts';
import type { Place, StreamEntry } from './stream-entry.ts';
import { takeOver } from './take-over.ts';
import { readUntilKnown, writeOnce } from './write-once.ts';

export interface LogOptions {
  readonly store: ObjectStore;
  readonly keys: HeldKeys;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly gatherMs: number;
  /** Who cosigns checkpoints before they are stored. */
  readonly witnesses?: Witnesses;
  readonly onHalt: (reason: string) => void;
  /** Whether this process still leads: writes whose outcome is unknown are given up when it does not. */
  readonly alive: () => boolean;
}

/** How an append ended. `taken`: another key holds this start of the container; nothing was appended. */
export type Appended =
  | { readonly kind: 'archived'; readonly archived: Archived }
  | { readonly kind: 'taken'; readonly by: StreamEntry };

export interface TransparencyLog {
  readonly index: LogIndex;
  readonly keys: LogKeyState;
  /** Durable leaves. */
  size(): number;
  /** Index that the next leaf gets, and the root over all before it, durable or not. */
  queued(): { readonly size: number; readonly root: Uint8Array };
  /** Resolves when the leaf is durable; rejects with the reason when it may not follow. */
  append(text: string): Promise<Appended>;
  /** A leaf of the sequencer's own making. */
  write(leaf: Leaf): Promise<Archived>;
  /** Where a leaf that stands in the log is; resolves when it is durable. */
  archivedAt(place: Place): Promise<Archived>;
  /** Leaves that stand in the log; waits for those that are not durable yet. */
  readonly leavesAt: LeafReader;
  /** Signs the tree as it is, unless that size is signed. */
  signCheckpoint(): Promise<void>;
  checkpoint(): { readonly note: string; readonly size: number } | undefined;
  /** Audit path of a leaf in the tree of this size; `undefined` where there is no such leaf, or not durably. */
  prove(index: number, size: number): Promise<readonly Uint8Array[] | undefined>;
  close(): Promise<void>;
}

/** Opens the log: reads all of it, and begins the term with a leaf, by which no earlier leader can write any more. */
export async function openLog(options: LogOptions): Promise<TransparencyLog> {
  const read = await takeOver(options);
  const writer = new BatchWriter({ ...options, from: read });
  let checkpoint: { readonly note: string; readonly size: number } | undefined = read.checkpoint;
  let alive = true;
  const once = async (name: string, bytes: Uint8Array) =>
    writeOnce({ ...options, alive: () => alive && options.alive() }, name, bytes);
  const leavesAt = createDurableReader(options, read, writer);
  const append = async (text: string): Promise<Appended> => appendLeaf({ index: read.index, writer, leavesAt }, text);
  const write = async (leaf: Leaf): Promise<Archived> => {
    const appended = await append(JSON.stringify(leaf));
    if (appended.kind === 'taken') throw new ControllerError('stream_conflict', 'the start of the container is taken');
    return appended.archived;
  };
  await writeMissingKeys(options.store, read.keyObjects, once);
  return {
    index: read.index,
    keys: read.keys,
    size: () => writer.size,
    queued: () => writer.queued(),
    append,
    write,
    archivedAt: async (place) => writer.durable(place),
    leavesAt,
    checkpoint: () => checkpoint,
    async prove(index, size) {
      if (index >= size || size > writer.size) return undefined;
      return readInclusionProof({ crypto: nodeCrypto, hashes: read.hashes }, index, size);
    },
    async signCheckpoint() {
      const size = writer.size;
      if (size <= (checkpoint?.size ?? 0)) return;
      const head = { origin: read.keys.origin, size, root: writer.root() };
      const note = await cosigned({ ...options, alive: () => alive && options.alive() }, read, head);
      const { kind } = await once(objectNames.checkpoint(size), Buffer.from(note));
      const stored = kind === 'conflict' ? await storedCheckpoint(options, read.keys, head) : { kind: 'same', note };
      if (stored.kind === 'other') options.onHalt(`another checkpoint exists at size ${size}`);
      if (stored.kind === 'same') checkpoint = { note: stored.note, size };
    },
    async close() {
      alive = false;
      await writer.close('this process leads no longer');
    },
  };
}

function createDurableReader({ store }: LogOptions, { batchStarts, keys }: ReadLog, writer: BatchWriter): LeafReader {
  const read = createLeafReader({ store, batchStarts, keys: keys.trusted });
  return async (indices) => {
    await Promise.all(indices.map(async (index) => writer.durable({ index, leafHash: '' })));
    return read(indices);
  };
}

interface AppendParts {
  readonly index: LogIndex;
  readonly writer: BatchWriter;
  readonly leavesAt: LeafReader;
}

/** Decides and queues in one turn of the event loop, so that two requests never see the same free place. */
async function appendLeaf(parts: AppendParts, text: string): Promise<Appended> {
  const { index, writer } = parts;
  const leaf = parseLeafText(text);
  const leafHash = leafHashOf(text);
  const hex = toHex(leafHash);
  const admission = admitLeaf(index, leaf, hex);
  switch (admission.kind) {
    case 'refused':
      throw new ControllerError(admission.code, admission.message);
    case 'taken':
      return admission;
    case 'past':
      return { kind: 'archived', archived: await archivedInPast(parts, admission) };
    case 'known':
      return { kind: 'archived', archived: await writer.durable(admission.place) };
    case 'new':
    default: {
      const place = { index: writer.queue({ text, leaf, leafHash }), leafHash: hex };
      index.apply(leaf, place);
      return { kind: 'archived', archived: await writer.durable(place) };
    }
  }
}

/** What is past never changes, so that looking it up may take its time. */
async function archivedInPast(
  { writer, leavesAt }: AppendParts,
  past: Extract<Admission, { kind: 'past' }>,
): Promise<Archived> {
  const place = await placeOfObject(leavesAt, past, past.object);
  if (place === undefined) throw new ControllerError('chain_broken', past.message);
  return writer.durable(place);
}

function parseLeafText(text: string): Leaf {
  const leaf = parseLeaf(text);
  if (leaf === undefined) throw new ControllerError('bad_request', 'not a leaf that this version knows');
  try {
    assertLeafText(text);
  } catch (error) {
    throw new ControllerError('too_large', `leaf is not one line of at most ${maxLeafBytes} bytes`, { cause: error });
  }
  return leaf;
}

/** The object never changes, so that cosignatures come before it is stored or not at all. */
async function cosigned(options: LogOptions, { keys, hashes }: ReadLog, head: Checkpoint): Promise<string> {
  const { witnesses } = options;
  const { size } = head;
  const note = await signWith(options, formatCheckpoint(head), keys.signers());
  const parsed = parseNote(note);
  if (witnesses === undefined || parsed === undefined) return note;
  const reader = { crypto: nodeCrypto, hashes };
  const proofFrom = async (oldSize: number) => readConsistencyProof(reader, oldSize, size);
  return formatNote(parsed.text, [...parsed.signatures, ...(await witnesses.cosign({ note, size, proofFrom }))]);
}

type Stored = { readonly kind: 'same'; readonly note: string } | { readonly kind: 'other' | 'junk' };

/**
 * What holds the name: the same head that an earlier leader stored, perhaps with other cosignatures; another tree under
 * a key of the log; or bytes that do not verify, in which case the next size is signed instead.
 */
async function storedCheckpoint(options: LogOptions, keys: LogKeyState, head: Checkpoint): Promise<Stored> {
  const name = objectNames.checkpoint(head.size);
  const note = Buffer.from((await readUntilKnown(options, name)) ?? []).toString('utf8');
  const stored = verifyCheckpoint(nodeCrypto, note, keys.accepted());
  if (stored === undefined || stored.size !== head.size || stored.origin !== head.origin) {
    options.log.error('a checkpoint name is taken by bytes that do not verify', { object: name });
    return { kind: 'junk' };
  }
  return equalBytes(stored.root, head.root) ? { kind: 'same', note } : { kind: 'other' };
}

/** A crash between a batch and its key objects leaves none behind for long. */
async function writeMissingKeys(
  store: ObjectStore,
  keys: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  once: (name: string, bytes: Uint8Array) => Promise<unknown>,
): Promise<void> {
  const present = new Set<string>();
  for await (const { name } of store.list('v1/keys/')) present.add(name);
  for (const { name, bytes } of keys) if (!present.has(name)) await once(name, bytes);
}
