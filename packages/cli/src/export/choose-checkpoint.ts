import {
  type Checkpoint,
  createInclusionProver,
  equalBytes,
  type InclusionProver,
  parseCheckpointNote,
  parseNote,
} from '@tachograph/archive';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { CliError } from '../cli-error.ts';

/** The checkpoint that an export rests on, and proofs in its tree. */
export interface ChosenCheckpoint {
  readonly note: string;
  readonly checkpoint: Checkpoint;
  readonly prover: InclusionProver;
}

/** How far back the checkpoint with the most cosignatures is looked for: an hour. */
const recent = 60;

/**
 * Of the newest checkpoints that cover leaf `needed` and agree with the leaves, the one that most witnesses have
 * cosigned. Throws `not_found` while none covers it, `refused` when none agrees.
 */
export async function chooseCheckpoint(
  store: ObjectStore,
  hashes: readonly Uint8Array[],
  needed: number,
): Promise<ChosenCheckpoint> {
  const names: string[] = [];
  for await (const { name } of store.list('v1/log/checkpoint/')) {
    const size = Number(/^v1\/log\/checkpoint\/(\d{16})$/.exec(name)?.[1]);
    if (size > needed && size <= hashes.length) names.push(name);
  }
  const candidates = (await Promise.all(names.slice(-recent).map(async (name) => readNote(store, name))))
    .filter((it) => it !== undefined)
    .toSorted((a, b) => b.signatures - a.signatures || b.checkpoint.size - a.checkpoint.size);
  if (candidates.length === 0) {
    throw new CliError('not_found', 'no checkpoint covers the session yet: try again in a minute');
  }
  for (const { note, checkpoint } of candidates) {
    const prover = createInclusionProver(nodeCrypto, hashes.slice(0, checkpoint.size));
    if (equalBytes(prover.root, checkpoint.root)) return { note, checkpoint, prover };
  }
  throw new CliError('refused', 'no checkpoint agrees with the leaves: see what tacho verify says of the archive');
}

interface Candidate {
  readonly note: string;
  readonly checkpoint: Checkpoint;
  readonly signatures: number;
}

async function readNote(store: ObjectStore, name: string): Promise<Candidate | undefined> {
  const note = Buffer.from((await store.get(name)) ?? []).toString('utf8');
  const checkpoint = parseCheckpointNote(note);
  const signatures = parseNote(note)?.signatures.length ?? 0;
  return checkpoint === undefined ? undefined : { note, checkpoint, signatures };
}
