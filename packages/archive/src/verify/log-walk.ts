/** Steps 2 to 4: batches in order, the tree over them, every checkpoint against it, key rotations. */
import { decodeUtf8, type Leaf } from '@tachograph/protocol';
import { type Batch, verifyBatch } from '../batch.ts';
import { hashLogLeaf } from '../log-leaf.ts';
import { createTree, type Tree } from '../merkle.ts';
import { isNewerVersion, newerVersionReason } from '../format-version.ts';
import { type NoteKey, openNote } from '../note.ts';
import { readAhead } from '../read-ahead.ts';
import { type Checkpoints, compareCheckpoints, noteLeafTime } from './checkpoint-walk.ts';
import { finishHolds, type Holds, takeCustodyLeaf } from './custody.ts';
import type { FindingKind, Place } from './finding.ts';
import { namesUnder, readFirst } from './inventory.ts';
import { createPeriodCounter, type PeriodCounter } from '../period.ts';
import { addLeaf, createLogIndex, type LogIndex } from './log-index.ts';
import { checkPeriod, finishPeriods } from './period-check.ts';
import { createLogKeys, type LogKeys, takeKeyLeaf } from './log-keys.ts';
import { createLogTimes, finishTimes, type LogTimes, takeTime, timeOf } from './log-times.ts';
import { readLeaf } from './read-leaf.ts';
import { report, type Verification } from './verification.ts';

const batchPrefix = 'v1/log/batch/';
const batchesAhead = 16;

/** State of the walk over the log. */
export interface LogWalk {
  readonly index: LogIndex;
  readonly tree: Tree;
  /** The policy's log keys, and those that followed them. */
  readonly keys: LogKeys;
  readonly checkpoints: Checkpoints;
  readonly periods: PeriodCounter;
  readonly holds: Holds;
  readonly times: LogTimes;
  /** Batches are absent: what the rest of the log names is not known. */
  severed: boolean;
}

interface Candidate {
  readonly name: string;
  readonly firstIndex: number;
  readonly batch: Batch | undefined;
  readonly reason: string;
  /** Signed by the log, in a later format. */
  readonly newer?: true;
}

/** Rebuilds the log. The tree's size tells how far it holds. */
export async function walkLog(run: Verification, keys: readonly NoteKey[], checkpoints: Checkpoints): Promise<LogWalk> {
  const walk: LogWalk = {
    index: createLogIndex(),
    tree: createTree(run.crypto),
    keys: createLogKeys(run.crypto, keys),
    checkpoints,
    periods: createPeriodCounter(),
    holds: new Map(),
    times: createLogTimes(),
    severed: namesUnder(run.inventory, batchPrefix).length === 0,
  };
  const groups = groupByIndex(namesUnder(run.inventory, batchPrefix), run);
  const read = async (group: readonly string[]): Promise<(Uint8Array | undefined)[]> =>
    await Promise.all(group.map(async (name) => await readFirst(run.source, run.inventory, name)));
  await compareCheckpoints(run, walk);
  for await (const [group, bodies] of readAhead(groups.values(), batchesAhead, read)) {
    const candidates = group.map((name, i) => toCandidate(run, walk.keys.trusted, name, bodies[i]));
    const batch = choose(run, candidates);
    if (batch === undefined) continue;
    if (!continues(run, walk, batch)) break;
    await takeBatch(run, walk, batch);
    run.progress({ phase: 'log', done: run.counts.batches, total: groups.size });
  }
  finishPeriods(run, walk);
  finishHolds(run, walk.holds);
  finishTimes(run, walk.times, run.nowMs);
  return walk;
}

/** Names of one first index together: a name taken by junk is followed by `-<try>`. */
function groupByIndex(names: readonly string[], run: Verification): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const name of names) {
    const match = /^(\d{16})(?:-\d{1,4})?$/.exec(name.slice(batchPrefix.length));
    if (match === null) {
      report(run, 'object.foreign', { object: name }, 'not a batch name');
      continue;
    }
    const firstIndex = Number(match[1]);
    groups.set(firstIndex, [...(groups.get(firstIndex) ?? []), name]);
  }
  return new Map([...groups].toSorted(([a], [b]) => a - b));
}

function toCandidate(
  run: Verification,
  keys: readonly NoteKey[],
  name: string,
  bytes: Uint8Array | undefined,
): Candidate {
  const firstIndex = Number(name.slice(batchPrefix.length, batchPrefix.length + 16));
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return { name, firstIndex, batch: undefined, reason: 'not readable' };
  const verified = verifyBatch(run.crypto, text, keys);
  const version = verified.kind === 'malformed' ? newerBatch(run, keys, text) : undefined;
  if (version !== undefined) {
    return { name, firstIndex, batch: undefined, reason: newerVersionReason(version), newer: true };
  }
  if (verified.kind !== 'ok') return { name, firstIndex, batch: undefined, reason: `signed note is ${verified.kind}` };
  const { batch } = verified;
  if (batch.firstIndex !== firstIndex) return { name, firstIndex, batch: undefined, reason: 'states another index' };
  const ours = keys.some((key) => key.name === batch.origin);
  return ours
    ? { name, firstIndex, batch, reason: '' }
    : { name, firstIndex, batch: undefined, reason: 'states another origin' };
}

/** The version of a batch that the log signed and this version cannot read. */
function newerBatch(run: Verification, keys: readonly NoteKey[], text: string): number | undefined {
  const opened = openNote(run.crypto, text, keys);
  const version = opened.kind === 'ok' ? /^tachograph\/batch\/v(\d{1,6})\n/.exec(opened.text)?.[1] : undefined;
  const number = version === undefined ? undefined : Number(version);
  return isNewerVersion(number) ? number : undefined;
}

interface Chosen {
  readonly name: string;
  readonly batch: Batch;
}

/** The one valid batch of an index; everything else about the candidates is reported. */
function choose(run: Verification, candidates: readonly Candidate[]): Chosen | undefined {
  const valid = candidates.flatMap(({ name, batch }) => (batch === undefined ? [] : [{ name, batch }]));
  const [first, ...others] = valid;
  for (const bad of candidates.filter(({ batch }) => batch === undefined)) {
    report(run, kindOfBad(bad, first !== undefined), { object: bad.name }, bad.reason);
  }
  if (first === undefined) return undefined;
  for (const other of others) {
    if (other.batch.leaves.join('\n') === first.batch.leaves.join('\n')) continue;
    report(run, 'batch.fork', { object: other.name }, `two signed batches at index ${first.batch.firstIndex}`);
  }
  return first;
}

function kindOfBad({ newer }: Candidate, hasValid: boolean): FindingKind {
  if (newer === true) return 'format.newer';
  return hasValid ? 'batch.skipped' : 'batch.invalid';
}

/** Whether the batch is the log's next. Where it is not, nothing after it can be placed. */
function continues(run: Verification, walk: LogWalk, { name, batch }: Chosen): boolean {
  const { size } = walk.tree;
  if (batch.firstIndex === size) return true;
  walk.severed = true;
  if (batch.firstIndex < size) {
    report(
      run,
      'batch.fork',
      { object: name },
      `begins at index ${batch.firstIndex}, the log already has ${size} leaves`,
    );
  } else {
    const kind = run.source.authoritative ? 'batch.gone' : 'batch.missing';
    report(run, kind, { object: name }, `begins at index ${batch.firstIndex}, but leaves from ${size} on are absent`);
  }
  return false;
}

async function takeBatch(run: Verification, walk: LogWalk, { name, batch }: Chosen): Promise<void> {
  run.counts.batches += 1;
  for (const [i, text] of batch.leaves.entries()) {
    // Magic, origin, first index and count stand on the four lines before.
    takeLeaf(run, walk, text, { object: name, line: i + 5 });
    await compareCheckpoints(run, walk);
  }
}

function takeLeaf(run: Verification, walk: LogWalk, text: string, place: Place): void {
  const index = walk.tree.size;
  const read = readLeaf(text);
  // Against the tree before it.
  if (read.kind === 'leaf' && read.leaf.type === 'period.manifest') checkPeriod(run, walk, read.leaf, place);
  walk.tree.append(hashLogLeaf(run.crypto, text));
  run.counts.leaves += 1;
  switch (read.kind) {
    case 'leaf':
      return fileLeaf(run, walk, read.leaf, place);
    case 'newer':
      return report(run, 'format.newer', place, `leaf ${index} ${newerVersionReason(read.version)}`);
    case 'malformed':
      return report(run, 'leaf.malformed', place, `leaf ${index} is no well-formed leaf of ${read.type} type`);
    case 'unknown':
    default:
      return report(run, 'leaf.unknown', place, `leaf ${index} is of no type that this verifier knows`);
  }
}

function fileLeaf(run: Verification, walk: LogWalk, leaf: Leaf, place: Place): void {
  addLeaf(walk.index, { leaf, index: walk.tree.size - 1, place });
  walk.periods.add(leaf);
  takeTime(run, walk.times, leaf, place);
  noteLeafTime(walk.checkpoints, timeOf(leaf));
  takeKeyLeaf(run, walk.keys, leaf, place);
  takeCustodyLeaf(run, walk.holds, leaf, place);
}
