/** Steps 2 and 3: every stored checkpoint against the rebuilt tree; witnesses; those that the verifier kept. */
import { decodeUtf8 } from '@tachograph/protocol';
import { equalBytes, toHex } from '../bytes.ts';
import { type Checkpoint, verifyCheckpoint } from '../checkpoint.ts';
import { parseNote } from '../note.ts';
import { namesUnder, readFirst } from './inventory.ts';
import { compareKept, type Kept, reportShortened } from './kept-checkpoint.ts';
import type { LogWalk } from './log-walk.ts';
import { report, type Verification } from './verification.ts';
import { finishTally, tally, type WitnessDemand, type WitnessTally } from './witness-tally.ts';

const checkpointPrefix = 'v1/log/checkpoint/';

/** Checkpoints still to be compared, and what the compared ones gave. */
export interface Checkpoints {
  /** Sizes not yet reached, rising, with the names that claim them. */
  readonly waiting: { readonly size: number; readonly name: string }[];
  readonly kept: readonly Kept[];
  readonly witnesses: WitnessTally;
  readonly demand: WitnessDemand;
  /** Where an interrupted run stood: `holds` when the log extends that. */
  readonly resume: { readonly size: number; readonly root: string; holds: boolean } | undefined;
  /** The newest that agrees with the leaves, and its note. */
  newest: (Checkpoint & { readonly note: string }) | undefined;
}

/** Checkpoints by name, for a walk that reads each when the tree has reached its size. */
export function waitingCheckpoints(run: Verification): Checkpoints['waiting'] {
  const waiting: Checkpoints['waiting'] = [];
  for (const name of namesUnder(run.inventory, checkpointPrefix)) {
    const match = /^\d{16}$/.exec(name.slice(checkpointPrefix.length));
    if (match === null) report(run, 'object.foreign', { object: name }, 'not a checkpoint name');
    else waiting.push({ size: Number(match[0]), name });
  }
  return waiting;
}

/** Compares every checkpoint of the tree's present size. */
export async function compareCheckpoints(run: Verification, walk: LogWalk): Promise<void> {
  const { checkpoints, tree } = walk;
  for (const kept of checkpoints.kept) if (kept.size === tree.size) takeKept(run, walk, kept);
  if (checkpoints.resume?.size === tree.size) {
    checkpoints.resume.holds = checkpoints.resume.root === toHex(tree.root());
  }
  while (checkpoints.waiting[0]?.size === tree.size) {
    const { name } = checkpoints.waiting.shift() ?? { name: '' };
    const bytes = await readFirst(run.source, run.inventory, name);
    compareStored(run, walk, name, bytes === undefined ? undefined : decodeUtf8(bytes));
  }
}

function takeKept(run: Verification, walk: LogWalk, kept: Kept): void {
  const checkpoint = compareKept(run, kept, { keys: walk.keys.trusted, root: walk.tree.root() });
  if (checkpoint !== undefined) takeNote(run, walk, kept.note, { object: `(${kept.kind} checkpoint)` });
}

function compareStored(run: Verification, walk: LogWalk, name: string, note: string | undefined): void {
  const { checkpoints, tree } = walk;
  const place = { object: name };
  const keys = walk.keys.trusted;
  const checkpoint = note === undefined ? undefined : verifyCheckpoint(run.crypto, note, keys);
  if (note === undefined || checkpoint === undefined) {
    return report(run, 'checkpoint.invalid', place, 'not a checkpoint signed by the log');
  }
  if (!keys.some((key) => key.name === checkpoint.origin) || checkpoint.size !== tree.size) {
    return report(run, 'checkpoint.invalid', place, 'states another log or size than its name');
  }
  if (!equalBytes(checkpoint.root, tree.root())) {
    return report(run, 'checkpoint.root', place, `signed root differs from that of the leaves at size ${tree.size}`);
  }
  run.counts.checkpoints += 1;
  checkpoints.newest = { ...checkpoint, note };
  takeNote(run, walk, note, place);
}

function takeNote(run: Verification, walk: LogWalk, text: string, place: { readonly object: string }): void {
  const note = parseNote(text);
  if (note !== undefined) tally(run, walk.checkpoints.witnesses, note, { size: walk.tree.size, place });
}

/** The time of a leaf, as it comes: the first one after the newest quorum tells how far that lags behind. */
export function noteLeafTime({ witnesses }: Checkpoints, time: string): void {
  witnesses.firstAfter ??= time;
}

/** After the last batch: checkpoints that promise more than there is, and what none covers. */
export function finishCheckpoints(run: Verification, walk: LogWalk): void {
  const { checkpoints, tree } = walk;
  walk.severed ||= checkpoints.waiting.length > 0;
  for (const { size, name } of checkpoints.waiting) {
    const kind = run.source.authoritative ? 'batch.gone' : 'batch.missing';
    report(run, kind, { object: name }, `checkpoint of size ${size}, but the batches reach ${tree.size} only`);
  }
  for (const kept of checkpoints.kept) reportShortened(run, kept, tree.size);
  if (tree.size === 0) return;
  reportUncovered(run, walk);
  finishTally(run, checkpoints.witnesses, checkpoints.demand, walk.times.newestMs);
}

function reportUncovered(run: Verification, { checkpoints: { newest }, tree: { size } }: LogWalk): void {
  const place = { object: checkpointPrefix };
  if (newest === undefined) return report(run, 'checkpoint.none', place, 'no checkpoint covers the log');
  if (newest.size === size) return undefined;
  const reason = `${size - newest.size} leaves are signed in batches but not yet covered by a checkpoint`;
  return report(run, 'log.uncovered', place, reason);
}
