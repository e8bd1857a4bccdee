/** A pull: fetch the log, decide what belongs to the selection, list it in `pull.json`, fetch it. */
import { isDeepStrictEqual } from 'node:util';
import { parsePullList, type PullList, pullListName, type PullSelection } from '@tachograph/archive';
import { createDirectoryStore, type ObjectEntry, type ObjectStore } from '@tachograph/store';
import { CliError } from '../cli-error.ts';
import { download, type Fetched } from './download.ts';
import { findSessions, type SessionSummary } from './find-sessions.ts';
import type { PullTarget } from './pull-target.ts';
import { type NamedObjects, readNamedObjects } from './read-leaves.ts';
import {
  blobHash,
  blobKeys,
  prefixesOf,
  selectHold,
  selectPeriod,
  selectSessions,
  type SelectedLeaves,
  toWanted,
  type WantedObject,
} from './select-objects.ts';

export interface PullOptions {
  readonly from: ObjectStore;
  readonly to: PullTarget;
  readonly selection: PullSelection;
  readonly concurrency: number;
  /** How many objects there are to fetch, as far as that is known: first those of the log, then all. */
  readonly onPlanned: (total: number) => void;
  readonly onFetched: (fetched: Fetched) => void;
}

/** What a pull covers. */
export interface Pulled {
  readonly objects: number;
  /** Undefined where the selection is not one of sessions. */
  readonly sessions: readonly SessionSummary[] | undefined;
}

interface Plan {
  readonly wanted: Map<string, WantedObject>;
  readonly noncurrent: { readonly name: string; readonly generation: string }[];
}

const logPrefixes = ['v1/keys/', 'v1/log/'] as const;
const dataPrefixes = ['v1/records/', 'v1/blobs/', 'v1/sessions/'] as const;

/** The log's objects are small: what they cost is the wait for each. */
const smallAtATime = 4;

/** Above this many prefixes one listing of everything is cheaper. */
const maxPrefixes = 1000;

/** Fetches the selection; what it covers. */
export async function pullArchive(options: PullOptions): Promise<Pulled> {
  const { from, to, selection } = options;
  await assertSameSelection(to, selection);
  const listed: Plan = { wanted: new Map(), noncurrent: [] };
  // Before the log: what a running installation adds meanwhile is then named by a leaf rather than unexplained.
  if (selection.kind === 'all') await addListings(listed, from, dataPrefixes, () => true);
  const log: Plan = { wanted: new Map(), noncurrent: listed.noncurrent };
  await addListings(log, from, logPrefixes, () => true);
  options.onPlanned(log.wanted.size);
  await download({ ...options, concurrency: options.concurrency * smallAtATime, wanted: log.wanted.values() });
  const named = await readNamedObjects(createDirectoryStore(to.dir));
  const { leaves, sessions } = await select(from, named, selection);
  const plan = await planData(from, leaves, listed);
  const names = [...log.wanted.keys(), ...plan.wanted.keys()].toSorted();
  await writeList(to, {
    v: 1,
    selection,
    objects: names,
    ...(sessions === undefined ? {} : { sessions: sessions.map(({ session }) => session) }),
    noncurrent: plan.noncurrent,
  });
  options.onPlanned(names.length);
  await download({ ...options, wanted: plan.wanted.values() });
  return { objects: names.length, sessions };
}

/** What an earlier pull left would otherwise look like more than was asked for. */
async function assertSameSelection(to: PullTarget, selection: PullSelection): Promise<void> {
  const bytes = await to.read(pullListName);
  if (bytes === undefined) return;
  const list = parsePullList(Buffer.from(bytes).toString('utf8'));
  if (list === undefined) throw new CliError('usage', `${to.dir}/${pullListName} is none that this version can read`);
  if (isDeepStrictEqual(list.selection, selection)) return;
  const was = JSON.stringify(list.selection);
  throw new CliError('usage', `${to.dir} holds a pull of ${was}: repeat that one, or choose another directory`);
}

async function writeList(to: PullTarget, list: PullList): Promise<void> {
  await to.write(pullListName, Buffer.from(`${JSON.stringify(list, null, 1)}\n`));
}

interface Selected {
  readonly leaves: SelectedLeaves;
  readonly sessions: readonly SessionSummary[] | undefined;
}

async function select(store: ObjectStore, named: NamedObjects, selection: PullSelection): Promise<Selected> {
  const { kind } = selection;
  if (kind === 'session' || kind === 'sessions') return await selectBySession(store, named, selection);
  if (kind === 'hold') return { leaves: leavesOfHold(named, selection.hold), sessions: undefined };
  return { leaves: kind === 'all' ? named : selectPeriod(named, selection), sessions: undefined };
}

async function selectBySession(
  store: ObjectStore,
  named: NamedObjects,
  selection: Extract<PullSelection, { readonly kind: 'session' | 'sessions' }>,
): Promise<Selected> {
  const sessions = await findSessions(store, selection, named);
  if (selection.kind === 'session' && sessions.length === 0) {
    throw new CliError('not_found', `no session ${selection.session} in this archive`);
  }
  return { leaves: selectSessions(named, sessions), sessions };
}

function leavesOfHold(named: NamedObjects, hold: string): SelectedLeaves {
  const leaves = selectHold(named, hold);
  if (leaves === undefined) throw new CliError('not_found', `no hold ${hold} in this archive`);
  return leaves;
}

/** The leaves' objects with what the listing says of them, their blobs, and what was listed before. */
async function planData(from: ObjectStore, leaves: SelectedLeaves, listed: Plan): Promise<Plan> {
  const named = toWanted(leaves);
  const plan: Plan = { wanted: new Map(listed.wanted), noncurrent: listed.noncurrent };
  for (const [name, wanted] of named) plan.wanted.set(name, { ...plan.wanted.get(name), ...wanted });
  if (listed.wanted.size > 0) return plan;
  const blobs = blobKeys(leaves.segments);
  const prefixes = prefixesOf(named.values(), leaves.segments);
  await addListings(plan, from, prefixes.length > maxPrefixes ? dataPrefixes : prefixes, (name) => {
    const blob = /^v1\/blobs\/[^/]+\/(.+)$/.exec(name)?.[1];
    return blob !== undefined && blobs.has(blob);
  });
  return plan;
}

async function addListings(
  plan: Plan,
  from: ObjectStore,
  prefixes: readonly string[],
  isWanted: (name: string) => boolean,
): Promise<void> {
  for (const prefix of prefixes) {
    const first = new Set<string>();
    for await (const entry of from.list(prefix, { versions: true })) {
      addListed(plan, first, isWanted, entry);
    }
  }
}

/** Versions that were hidden are noted, not fetched: the original is fetched by its generation. */
function addListed(plan: Plan, seen: Set<string>, isWanted: (name: string) => boolean, entry: ObjectEntry): void {
  const { name, generation, size, crc32c } = entry;
  if (entry.noncurrent === true) plan.noncurrent.push({ name, generation });
  const known = plan.wanted.get(name);
  // Listed in the order of generations: the first that is seen is the original.
  if (seen.has(name) || (known === undefined && !isWanted(name))) return;
  seen.add(name);
  // A leaf names one generation: what is said of another is no check of it.
  if (known?.generation !== undefined && known.generation !== generation) return;
  const checks = { generation, size, ...(crc32c === undefined ? {} : { crc32c }), ...blobHash(name) };
  plan.wanted.set(name, { name, ...checks, ...known });
}
