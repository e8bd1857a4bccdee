/** Holds, purges and deeds of people, as the log states them. */
import type { HoldPlacedLeaf, Leaf, PurgeLeaf } from '@tachograph/protocol';
import type { Place } from './finding.ts';
import { report, type Verification } from './verification.ts';

interface Hold {
  readonly place: Place;
  readonly objects: Set<string>;
  readonly parts: Set<number>;
  readonly of: number;
  released: boolean;
}

/** The holds so far, by their id. */
export type Holds = Map<string, Hold>;

/** Takes a leaf in log order: what is purged must not be held at that moment. */
export function takeCustodyLeaf(run: Verification, holds: Holds, leaf: Leaf, place: Place): void {
  if (leaf.type === 'hold.placed') placeHold(run, holds, leaf, place);
  else if (leaf.type === 'hold.released') releaseHold(run, holds, leaf.hold, place);
  else if (leaf.type === 'purge') purge(run, holds, leaf, place);
  else if (leaf.type === 'export') run.counts.exports += 1;
  else if (leaf.type === 'admin.action') run.counts.actions += 1;
  else if (leaf.type === 'key.destroyed') {
    const whose = leaf.session === undefined ? 'bodies under this key' : `bodies of session ${leaf.session}`;
    report(run, 'key.destroyed', place, `${whose} can no longer be read: ${leaf.by.length} people ended the key`);
  }
}

function placeHold(run: Verification, holds: Holds, leaf: HoldPlacedLeaf, place: Place): void {
  const known = holds.get(leaf.hold);
  if (known === undefined) run.counts.holds += 1;
  const hold = known ?? { place, objects: new Set(), parts: new Set(), of: leaf.parts, released: false };
  for (const { object } of leaf.objects) hold.objects.add(object);
  hold.parts.add(leaf.part);
  holds.set(leaf.hold, hold);
}

function releaseHold(run: Verification, holds: Holds, id: string, place: Place): void {
  const hold = holds.get(id);
  if (hold === undefined || hold.released) report(run, 'hold.unknown', place, 'releases a hold that is not in force');
  else hold.released = true;
}

function purge(run: Verification, holds: Holds, leaf: PurgeLeaf, place: Place): void {
  if (leaf.part === 1) run.counts.purges += 1;
  for (const { object } of leaf.objects) notePurged(run, object, place);
  for (const [id, hold] of holds) {
    const held = hold.released ? [] : leaf.objects.filter(({ object }) => hold.objects.has(object));
    const [first] = held;
    if (first === undefined) continue;
    const more = held.length > 1 ? ` and ${held.length - 1} more` : '';
    report(run, 'purge.held', place, `purges ${first.object}${more}, which hold ${id} forbids`);
  }
}

/** Only what expires can be purged: without log and keys nothing could be verified again. */
function notePurged(run: Verification, object: string, place: Place): void {
  if (!/^v1\/(?:records|blobs|sessions)\//.test(object)) {
    report(run, 'purge.held', place, `purges ${object}, which is never purged`);
  } else if (!run.purged.has(object)) run.purged.set(object, place);
}

/** After the last leaf: holds whose list of objects came in parts, not all of which are there. */
export function finishHolds(run: Verification, holds: Holds): void {
  for (const [id, { place, parts, of }] of holds) {
    if (parts.size >= of) continue;
    report(run, 'hold.partial', place, `hold ${id} has ${of} parts, ${parts.size} of them are in the log`);
  }
}
