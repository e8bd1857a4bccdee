/** Step 2 and 3: every stored checkpoint against the rebuilt tree; witnesses; the verifier's own last one. */
import { decodeUtf8 } from '@tachograph/protocol';
import { equalBytes } from '../bytes.ts';
import { type Checkpoint, parseCheckpoint, verifyCheckpoint } from '../checkpoint.ts';
import { verifyCosignature } from '../cosignature.ts';
import { type LogPolicy, meetsQuorum } from '../log-policy.ts';
import { parseNote } from '../note.ts';
import { namesUnder, readFirst } from './inventory.ts';
import type { LogWalk } from './log-walk.ts';
import { report, type Verification } from './verification.ts';

const checkpointPrefix = 'v1/log/checkpoint/';

/** Name of the pinned checkpoint in findings: it is no object of the archive. */
export const pinnedName = '(pinned checkpoint)';

/** Checkpoints still to be compared, and what the compared ones gave. */
export interface Checkpoints {
  readonly policy: LogPolicy;
  /** Sizes not yet reached, rising, with the names that claim them. */
  readonly waiting: { readonly size: number; readonly name: string }[];
  readonly pinned: { readonly note: string; readonly size: number } | undefined;
  newest: Checkpoint | undefined;
  /** Largest size that a witness quorum cosigned; -1: none. */
  witnessedSize: number;
  pinnedHolds: boolean;
}

/** Prepares the comparison; the notes are read when the tree has reached them. */
export function createCheckpoints(run: Verification, policy: LogPolicy, pinnedNote: string | undefined): Checkpoints {
  const waiting: Checkpoints['waiting'] = [];
  for (const name of namesUnder(run.inventory, checkpointPrefix)) {
    const match = /^\d{16}$/.exec(name.slice(checkpointPrefix.length));
    if (match === null) report(run, 'object.foreign', { object: name }, 'not a checkpoint name');
    else waiting.push({ size: Number(match[0]), name });
  }
  return {
    policy,
    waiting,
    pinned: toPinned(run, pinnedNote),
    newest: undefined,
    witnessedSize: -1,
    pinnedHolds: false,
  };
}

function toPinned(run: Verification, note: string | undefined): Checkpoints['pinned'] {
  if (note === undefined) return undefined;
  const parsed = parseNote(note);
  const checkpoint = parsed === undefined ? undefined : parseCheckpoint(parsed.text);
  if (checkpoint === undefined) report(run, 'checkpoint.pinned', { object: pinnedName }, 'not a checkpoint');
  return checkpoint === undefined ? undefined : { note, size: checkpoint.size };
}

/** Compares every checkpoint of the tree's present size. */
export async function compareCheckpoints(run: Verification, walk: LogWalk): Promise<void> {
  const { checkpoints, tree } = walk;
  if (checkpoints.pinned?.size === tree.size) comparePinned(run, walk, checkpoints.pinned.note);
  while (checkpoints.waiting[0]?.size === tree.size) {
    const { name } = checkpoints.waiting.shift() ?? { name: '' };
    const bytes = await readFirst(run.source, run.inventory, name);
    compareStored(run, walk, name, bytes === undefined ? undefined : decodeUtf8(bytes));
  }
}

function comparePinned(run: Verification, walk: LogWalk, note: string): void {
  const checkpoint = verifyCheckpoint(run.crypto, note, walk.keys);
  const place = { object: pinnedName };
  if (checkpoint === undefined) return report(run, 'checkpoint.pinned', place, 'not signed by the log');
  if (!equalBytes(checkpoint.root, walk.tree.root())) {
    return report(run, 'checkpoint.pinned', place, `another history: the roots at size ${checkpoint.size} differ`);
  }
  walk.checkpoints.pinnedHolds = true;
  noteWitnesses(run, walk, note, checkpoint.size);
}

function compareStored(run: Verification, walk: LogWalk, name: string, note: string | undefined): void {
  const { checkpoints, tree } = walk;
  const place = { object: name };
  const checkpoint = note === undefined ? undefined : verifyCheckpoint(run.crypto, note, walk.keys);
  if (note === undefined || checkpoint === undefined) {
    return report(run, 'checkpoint.invalid', place, 'not a checkpoint signed by the log');
  }
  const ours = walk.keys.some((key) => key.name === checkpoint.origin);
  if (!ours || checkpoint.size !== tree.size) {
    return report(run, 'checkpoint.invalid', place, 'states another log or size than its name');
  }
  if (!equalBytes(checkpoint.root, tree.root())) {
    return report(run, 'checkpoint.root', place, `signed root differs from that of the leaves at size ${tree.size}`);
  }
  run.counts.checkpoints += 1;
  checkpoints.newest = checkpoint;
  noteWitnesses(run, walk, note, checkpoint.size);
}

function noteWitnesses(run: Verification, walk: LogWalk, note: string, size: number): void {
  const { checkpoints } = walk;
  const parsed = parseNote(note);
  if (parsed === undefined || checkpoints.policy.quorum === 'none') return;
  const cosigned = new Set<string>();
  for (const [name, witness] of checkpoints.policy.witnesses) {
    if (verifyCosignature(run.crypto, parsed, witness) !== undefined) cosigned.add(name);
  }
  if (meetsQuorum(checkpoints.policy, cosigned)) checkpoints.witnessedSize = Math.max(checkpoints.witnessedSize, size);
}

/** After the last batch: checkpoints that promise more than there is, and what none covers. */
export function finishCheckpoints(run: Verification, walk: LogWalk): void {
  const { checkpoints, tree } = walk;
  walk.severed ||= checkpoints.waiting.length > 0;
  for (const { size, name } of checkpoints.waiting) {
    const kind = run.source.authoritative ? 'batch.gone' : 'batch.missing';
    report(run, kind, { object: name }, `checkpoint of size ${size}, but the batches reach ${tree.size} only`);
  }
  if (checkpoints.pinned !== undefined && checkpoints.pinned.size > tree.size) {
    const reason = `the pinned checkpoint has size ${checkpoints.pinned.size}, the batches reach ${tree.size} only`;
    report(run, 'checkpoint.pinned', { object: pinnedName }, reason);
  }
  finishCoverage(run, walk);
}

function finishCoverage(run: Verification, walk: LogWalk): void {
  const { newest, policy, witnessedSize } = walk.checkpoints;
  const { size } = walk.tree;
  if (size === 0) return;
  if (newest === undefined)
    report(run, 'checkpoint.none', { object: checkpointPrefix }, 'no checkpoint covers the log');
  else if (newest.size < size) {
    const reason = `${size - newest.size} leaves are signed in batches but not yet covered by a checkpoint`;
    report(run, 'log.uncovered', { object: checkpointPrefix }, reason);
  }
  if (policy.quorum !== 'none' && witnessedSize < 0) {
    report(
      run,
      'checkpoint.unwitnessed',
      { object: checkpointPrefix },
      `no checkpoint has the quorum ${policy.quorum}`,
    );
  }
}
