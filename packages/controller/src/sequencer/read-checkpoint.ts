/** The newest checkpoint of a log that is being read: it fixes every leaf before it. Offline verification compares all. */
import { type Checkpoint, equalBytes, parseCheckpointNote, type Tree, verifyCheckpoint } from '@tachograph/archive';
import { objectNames } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import type { LogKeyState } from './log-key-state.ts';

export type SignedCheckpoint = Checkpoint & { readonly note: string };

/** What stands under the newest names. The log's keys are known only when its leaves are read. */
export interface CheckpointCandidates {
  /** To be called after every leaf. */
  pass(tree: Tree): void;
  /** The newest that a key of the log signed. Rejects with `internal` where the leaves do not have its root. */
  settle(tree: Tree, keys: LogKeyState): SignedCheckpoint | undefined;
}

/** Junk under more names than this stops the sequencer: somebody must look. */
const mostCandidates = 8;

export async function readCheckpointCandidates(store: ObjectStore): Promise<CheckpointCandidates> {
  const names: string[] = [];
  for await (const { name } of store.list('v1/log/checkpoint/')) {
    names.push(name);
    if (names.length > mostCandidates) names.shift();
  }
  const newest = names.toReversed();
  const candidates = (await Promise.all(newest.map(async (name) => readOne(store, name)))).filter(
    (one) => one !== undefined,
  );
  const roots = new Map<number, Uint8Array | undefined>(candidates.map(({ size }) => [size, undefined]));
  return {
    pass(tree) {
      if (roots.has(tree.size)) roots.set(tree.size, tree.root());
    },
    settle(tree, keys) {
      const signed = candidates.find(({ note }) => verifyCheckpoint(nodeCrypto, note, keys.trusted()) !== undefined);
      if (signed === undefined && names.length === mostCandidates) {
        throw new ControllerError('internal', 'none of the newest checkpoints is signed by a key of this log');
      }
      if (signed !== undefined) assertHolds(signed, tree, roots.get(signed.size));
      return signed;
    },
  };
}

async function readOne(store: ObjectStore, name: string): Promise<SignedCheckpoint | undefined> {
  const note = Buffer.from((await store.get(name)) ?? []).toString('utf8');
  const checkpoint = parseCheckpointNote(note);
  const fits = checkpoint !== undefined && objectNames.checkpoint(checkpoint.size) === name;
  return fits ? { ...checkpoint, note } : undefined;
}

function assertHolds({ size, root }: SignedCheckpoint, tree: Tree, found: Uint8Array | undefined): void {
  if (size > tree.size) {
    throw new ControllerError('internal', `a checkpoint of size ${size} exists, the log has ${tree.size}`);
  }
  if (found === undefined || !equalBytes(root, found)) {
    throw new ControllerError('internal', `the leaves do not have the root that was signed at size ${size}`);
  }
}
