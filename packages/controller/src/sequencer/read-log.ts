/** Rebuilds what the sequencer knows from the bucket alone, and checks every signature on the way. */
import {
  createTree,
  equalBytes,
  verifyBatch,
  verifyCheckpoint,
  type Checkpoint,
  type LogHashes,
  type Tree,
} from '@tachograph/archive';
import { objectNames, parseLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { leafHashOf } from './leaf-hash.ts';
import { keyObjectOf, type KeyObject } from './key-object.ts';
import { createLogIndex, type LogIndex } from './log-index.ts';
import type { LogKey } from './log-key.ts';
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
  /** Key objects that the leaves call for. */
  readonly keys: KeyObject[];
}

const readAhead = 16;

/** Rejects with `internal` when the log does not hold under this key: then nothing may be appended to it. */
export async function readLog(store: ObjectStore, key: LogKey): Promise<ReadLog> {
  const checkpoints = await readCheckpoints(store, key);
  const tree = createTree(nodeCrypto);
  const index = createLogIndex();
  const batchStarts: number[] = [];
  const hashes = createStoredHashes({ store, keys: () => [key.note], batchStarts });
  const keys: KeyObject[] = [];
  const junk = createJunkWatch(key);
  for await (const { name, bytes } of readObjects(store, 'v1/log/batch/')) {
    const leaves = openBatch({ name, bytes, key, size: tree.size });
    junk.take({ name, bytes, opened: leaves !== undefined });
    if (leaves === undefined) continue;
    batchStarts.push(tree.size);
    for (const text of leaves) {
      const leafHash = leafHashOf(text);
      const leaf = parseLeaf(text);
      if (leaf !== undefined) {
        index.apply(leaf, { index: tree.size, leafHash: Buffer.from(leafHash).toString('hex') });
        keys.push(...[keyObjectOf(leaf, tree.size) ?? []].flat());
      }
      tree.append(leafHash);
      hashes.append(leafHash);
      assertCheckpoint(checkpoints, tree);
    }
  }
  junk.finish(tree.size);
  const newest = [...checkpoints.values()].at(-1);
  if (newest !== undefined && newest.size > tree.size) {
    throw new ControllerError('internal', `a checkpoint of size ${newest.size} exists, the log has ${tree.size}`);
  }
  return { tree, hashes, index, batchStarts, keys, checkpoint: newest };
}

type SignedCheckpoint = Checkpoint & { readonly note: string };

async function readCheckpoints(store: ObjectStore, key: LogKey): Promise<ReadonlyMap<number, SignedCheckpoint>> {
  const found = new Map<number, SignedCheckpoint>();
  // The newest alone: it fixes every leaf before it. Offline verification compares all of them.
  let newest: string | undefined;
  for await (const { name } of store.list('v1/log/checkpoint/')) newest = name;
  if (newest === undefined) return found;
  const note = Buffer.from((await store.get(newest)) ?? []).toString('utf8');
  const checkpoint = verifyCheckpoint(nodeCrypto, note, [key.note]);
  if (checkpoint === undefined || objectNames.checkpoint(checkpoint.size) !== newest) {
    throw new ControllerError('internal', `${newest} is not signed by this installation's log key`);
  }
  return found.set(checkpoint.size, { ...checkpoint, note });
}

function assertCheckpoint(checkpoints: ReadonlyMap<number, SignedCheckpoint>, tree: Tree): void {
  const checkpoint = checkpoints.get(tree.size);
  if (checkpoint !== undefined && !equalBytes(checkpoint.root, tree.root())) {
    throw new ControllerError('internal', `the leaves do not have the root that was signed at size ${tree.size}`);
  }
}

/** The leaves; `undefined` for bytes that are no batch of this log. */
function openBatch(object: {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly key: LogKey;
  readonly size: number;
}): readonly string[] | undefined {
  const { name, bytes, key, size } = object;
  const opened = verifyBatch(nodeCrypto, Buffer.from(bytes).toString('utf8'), [key.note]);
  if (opened.kind !== 'ok') return undefined;
  const { batch } = opened;
  if (batch.firstIndex !== size || batch.origin !== key.origin || indexOfBatchName(name) !== size) {
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
function createJunkWatch(key: LogKey) {
  let pending: Junk[] = [];
  return {
    take({ opened, ...object }: Junk & { readonly opened: boolean }): void {
      if (opened) pending = pending.filter(({ name }) => indexOfBatchName(name) !== indexOfBatchName(object.name));
      else pending.push(object);
    },
    finish(size: number): void {
      const claiming = pending.find(({ name, bytes }) => {
        const note = Buffer.from(bytes).toString('utf8');
        return indexOfBatchName(name) !== size || claimsIndex(note, { firstIndex: size, keys: [key.note] });
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
