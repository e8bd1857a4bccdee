/** A pull: decide what belongs to the selection, list it in `pull.json`, fetch it. */
import { type PullList, pullListName, type PullSelection } from '@tachograph/archive';
import type { ObjectEntry, ObjectStore } from '@tachograph/store';
import { CliError } from '../cli-error.ts';
import { download, type Fetched } from './download.ts';
import { listSessions } from './list-sessions.ts';
import { type NamedObjects, readNamedObjects } from './read-leaves.ts';
import {
  blobKeys,
  selectPeriod,
  selectSession,
  type SelectedLeaves,
  toWanted,
  type WantedObject,
} from './select-objects.ts';

export interface PullOptions {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  readonly selection: PullSelection;
  readonly concurrency: number;
  readonly onPlanned: (total: number) => void;
  readonly onFetched: (fetched: Fetched) => void;
}

interface Plan {
  readonly wanted: Map<string, WantedObject>;
  readonly noncurrent: { readonly name: string; readonly generation: string }[];
}

/** Fetches the selection; how many objects it covers. */
export async function pullArchive(options: PullOptions): Promise<{ readonly objects: number }> {
  const { from, to, selection } = options;
  const named = await readNamedObjects(from);
  const selected = await select(from, named, selection);
  const plan: Plan = { wanted: toWanted(selected), noncurrent: [] };
  const blobs = blobKeys(selected.segments);
  // The log again, after the leaves were read: it may have grown, and the copy should be able to say so.
  for await (const entry of from.list('v1/', { versions: true })) addListed(plan, selection, blobs, entry);
  const list: PullList = { v: 1, selection, objects: [...plan.wanted.keys()].toSorted(), noncurrent: plan.noncurrent };
  options.onPlanned(plan.wanted.size);
  await to.put(pullListName, Buffer.from(`${JSON.stringify(list, null, 1)}\n`));
  await download({ ...options, wanted: plan.wanted.values() });
  return { objects: plan.wanted.size };
}

async function select(store: ObjectStore, named: NamedObjects, selection: PullSelection): Promise<SelectedLeaves> {
  if (selection.kind === 'all') return named;
  if (selection.kind === 'period') return selectPeriod(named, selection);
  const { session } = selection;
  const found = (await listSessions(store, {})).find(({ manifest }) => manifest.session === session);
  if (found === undefined) throw new CliError('not_found', `no session ${session} in this archive`);
  return selectSession(named, session, new Set(found.manifest.segments.map(({ object }) => object)));
}

/** Versions that were hidden are noted, not fetched: the original is fetched by its generation. */
function addListed(plan: Plan, selection: PullSelection, blobs: ReadonlySet<string>, entry: ObjectEntry): void {
  const { name, generation, size, crc32c } = entry;
  if (entry.noncurrent === true) plan.noncurrent.push({ name, generation });
  const known = plan.wanted.get(name);
  if (known !== undefined || !isWanted(selection, blobs, name)) return;
  const sha256 = /^v1\/blobs\/[^/]+\/[^/]+\/([0-9a-f]{64})$/.exec(name)?.[1];
  plan.wanted.set(name, {
    name,
    // Listed in the order of generations: the first that is seen is the original.
    generation,
    size,
    ...(crc32c === undefined ? {} : { crc32c }),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
}

function isWanted(selection: PullSelection, blobs: ReadonlySet<string>, name: string): boolean {
  if (selection.kind === 'all' || name.startsWith('v1/log/') || name.startsWith('v1/keys/')) return true;
  const blob = /^v1\/blobs\/[^/]+\/(.+)$/.exec(name)?.[1];
  return blob !== undefined && blobs.has(blob);
}
