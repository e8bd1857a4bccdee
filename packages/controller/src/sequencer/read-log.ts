/** Rebuilds what the sequencer knows from the bucket alone, and checks every signature on the way. */
import { createTree, parseBatchNote, verifyBatch, type LogHashes, type Tree } from '@tachograph/archive';
import { parseLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { leafHashOf } from './leaf-hash.ts';
import { keyObjectOf, type KeyObject } from './key-object.ts';
import { createLogIndex, type LogIndex } from './log-index.ts';
import type { HeldKeys } from './log-key.ts';
import { LogKeyState } from './log-key-state.ts';
import { type CheckpointCandidates, readCheckpointCandidates } from './read-checkpoint.ts';
import { createStoredHashes } from './stored-hashes.ts';
import { claimsIndex, indexOfBatchName } from './place-batch.ts';

export interface ReadLog {
  readonly tree: Tree;
  readonly index: LogIndex;
  readonly batchStarts: number[];
  /** Of the same leaves as `tree`. */
  readonly hashes: LogHashes;
  /** Signed note of the newest checkpoint. */
  readonly checkpoint: { readonly note: string; readonly size: number } | undefined;
  readonly keys: LogKeyState;
  /** Key objects that the leaves call for. */
  readonly keyObjects: KeyObject[];
}

const readAhead = 16;

/** Rejects with `internal` when the log does not hold under these keys: then nothing may be appended to it. */
export async function readLog(store: ObjectStore, held: HeldKeys): Promise<ReadLog> {
  const checkpoints = await readCheckpointCandidates(store);
  const read = emptyLog(store, held);
  const { tree, keys } = read;
  const junk = createJunkWatch(keys);
  for await (const { name, bytes } of readObjects(store, 'v1/log/batch/')) {
    const leaves = openBatch({ name, bytes, keys, size: tree.size });
    junk.take({ name, bytes, opened: leaves !== undefined });
    if (leaves !== undefined) takeBatch(read, leaves, checkpoints);
  }
  junk.finish(tree.size);
  if (tree.size > 0 && !keys.isOurs()) throw new ControllerError('internal', 'the log is signed by keys of others');
  return { ...read, checkpoint: checkpoints.settle(tree, keys) };
}

type LogSoFar = Omit<ReadLog, 'checkpoint'>;

function emptyLog(store: ObjectStore, held: HeldKeys): LogSoFar {
  const keys = new LogKeyState(held);
  const batchStarts: number[] = [];
  return {
    tree: createTree(nodeCrypto),
    hashes: createStoredHashes({ store, keys: keys.trusted, batchStarts }),
    index: createLogIndex(),
    batchStarts,
    keys,
    keyObjects: [],
  };
}

function takeBatch(read: LogSoFar, leaves: readonly string[], checkpoints: CheckpointCandidates): void {
  const { tree, hashes, index, batchStarts, keys, keyObjects } = read;
  batchStarts.push(tree.size);
  for (const text of leaves) {
    const leafHash = leafHashOf(text);
    const leaf = parseLeaf(text);
    if (leaf !== undefined) {
      index.apply(leaf, { index: tree.size, leafHash: Buffer.from(leafHash).toString('hex') });
      keyObjects.push(...[keyObjectOf(leaf, tree.size) ?? []].flat());
      keys.take(leaf);
    }
    tree.append(leafHash);
    hashes.append(leafHash);
    checkpoints.pass(tree);
  }
}

/** The leaves; `undefined` for bytes that are no batch of this log. */
function openBatch(object: {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly keys: LogKeyState;
  readonly size: number;
}): readonly string[] | undefined {
  const { name, bytes, keys, size } = object;
  const note = Buffer.from(bytes).toString('utf8');
  // A log that was rotated away from its first key says itself which that was; what is held must follow from it.
  if (size === 0) keys.assumeFirst(parseLeaf(parseBatchNote(note)?.leaves[0] ?? ''));
  const opened = verifyBatch(nodeCrypto, note, keys.accepted());
  if (opened.kind !== 'ok') return undefined;
  const { batch } = opened;
  if (batch.firstIndex !== size || batch.origin !== keys.origin || indexOfBatchName(name) !== size) {
    throw new ControllerError('internal', `${name} starts at ${batch.firstIndex}, expected ${size}`);
  }
  return batch.leaves;
}

interface Junk {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Bytes that do not verify may be passed over only where a batch stands beside them, or where they do not even claim
 * to be one: else a log under another key, or a damaged one, would be written anew.
 */
function createJunkWatch({ trusted }: LogKeyState) {
  let pending: Junk[] = [];
  return {
    take({ opened, ...object }: Junk & { readonly opened: boolean }): void {
      if (opened) pending = pending.filter(({ name }) => indexOfBatchName(name) !== indexOfBatchName(object.name));
      else pending.push(object);
    },
    finish(size: number): void {
      const claiming = pending.find(({ name, bytes }) => {
        const note = Buffer.from(bytes).toString('utf8');
        return indexOfBatchName(name) !== size || claimsIndex(note, { firstIndex: size, keys: trusted() });
      });
      if (claiming !== undefined) {
        throw new ControllerError('internal', `${claiming.name} does not verify under the log key`);
      }
    },
  };
}

/** Objects in name order; up to `readAhead` are fetched at a time. */
async function* readObjects(
  store: ObjectStore,
  prefix: string,
): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }> {
  let names: string[] = [];
  for await (const { name } of store.list(prefix)) {
    names.push(name);
    if (names.length < readAhead) continue;
    yield* await fetchAll(store, names);
    names = [];
  }
  yield* await fetchAll(store, names);
}

async function fetchAll(
  store: ObjectStore,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]> {
  return Promise.all(
    names.map(async (name) => {
      const bytes = await store.get(name);
      if (bytes === undefined) throw new ControllerError('internal', `${name} is listed but cannot be read`);
      return { name, bytes };
    }),
  );
}
