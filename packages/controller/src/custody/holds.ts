/** Legal holds: a leaf first, then the hold on every object that it names. */
import { randomUUIDv7 } from 'node:crypto';
import type { HoldProgress, HoldRequest, HoldView, LeafSelection, PersonOfLeaf } from '@tachograph/protocol';
import type { CustodyContext } from './custody-context.ts';
import { ControllerError } from '../controller-error.ts';
import { keptByHolds, refKey, type LoggedHold, type ObjectRef } from './custody-log.ts';
import { appendLeaves, asUnavailable } from './custody-context.ts';
import { toParts } from './leaf-parts.ts';
import { inParallel } from './parallel.ts';
import { checkSelection, selectObjects } from './select-objects.ts';

const atOnce = 16;

/** Newest first. */
export async function listHolds(context: CustodyContext): Promise<readonly HoldView[]> {
  const holds = await asUnavailable(async () => context.holdLog.read());
  return [...holds.values()]
    .toReversed()
    .map(({ missingParts: _parts, objects, ...view }) => ({ ...view, objects: objects.length }));
}

/** Throws `not_found` when nothing recorded fits, `forbidden` when the bucket would not let us hold: then nothing is logged. */
export async function placeHold(
  context: CustodyContext,
  by: PersonOfLeaf,
  { selection, reason }: HoldRequest,
): Promise<HoldProgress> {
  checkSelection(selection);
  await requirePermission(context);
  const objects = await asUnavailable(async () => selectObjects(context.store, selection));
  if (objects.length === 0) throw new ControllerError('not_found', 'nothing that is recorded fits the selection');
  const hold = randomUUIDv7();
  await logHold(context, { hold, selection, reason, by, objects });
  context.log.info('hold placed', { hold, by: by.sub, objects: objects.length });
  return setHolds(context, { hold, objects, held: true, from: 0 });
}

async function logHold(
  context: CustodyContext,
  facts: {
    readonly hold: string;
    readonly selection: LeafSelection;
    readonly reason: string;
    readonly by: PersonOfLeaf;
    readonly objects: readonly ObjectRef[];
  },
): Promise<void> {
  const { objects, hold, selection, by, reason } = facts;
  const parts = toParts(objects);
  const at = context.now();
  await appendLeaves(
    context,
    parts.map((some, index) => ({
      v: 1,
      type: 'hold.placed',
      hold,
      selection,
      objects: [...some],
      part: index + 1,
      parts: parts.length,
      by,
      reason,
      at,
    })),
  );
}

/** Holds again what a hold names, from an object on: after an interruption, or when somebody took holds off the bucket. */
export async function applyHold(context: CustodyContext, id: string, from: number): Promise<HoldProgress> {
  await requirePermission(context);
  const found = await findHold(context, id);
  if (found.released !== undefined) throw new ControllerError('bad_request', 'the hold is released');
  if (found.missingParts > 0)
    throw new ControllerError(
      'bad_request',
      `${found.missingParts} parts of the hold were never logged: place another`,
    );
  return setHolds(context, { hold: id, objects: found.objects, held: true, from });
}

/**
 * Logs the release, unless it is logged, and takes the hold off what no other hold keeps. What another one kept meanwhile is
 * held again: two people may release and place at once.
 */
export async function releaseHold(
  context: CustodyContext,
  by: PersonOfLeaf,
  { id, reason, from = 0 }: { readonly id: string; readonly reason: string; readonly from?: number | undefined },
): Promise<HoldProgress> {
  await requirePermission(context);
  const found = await findHold(context, id);
  if (found.released === undefined) {
    await appendLeaves(context, [{ v: 1, type: 'hold.released', hold: id, by, reason, at: context.now() }]);
    context.log.info('hold released', { hold: id, by: by.sub });
  }
  const progress = await setHolds(context, { hold: id, objects: found.objects, held: false, from });
  const kept = await keptByOthers(context, id);
  const some = found.objects.slice(from, progress.next).filter((one) => kept.has(refKey(one)));
  await asUnavailable(async () =>
    inParallel(some, atOnce, async ({ object, generation }) => context.holds.setHold(object, generation, true)),
  );
  return progress;
}

async function findHold(context: CustodyContext, id: string): Promise<LoggedHold> {
  const holds = await asUnavailable(async () => context.holdLog.read());
  const found = holds.get(id);
  if (found === undefined) throw new ControllerError('not_found', 'the log knows no such hold');
  return found;
}

async function requirePermission({ holds }: CustodyContext): Promise<void> {
  if (await asUnavailable(async () => holds.may('hold'))) return;
  throw new ControllerError(
    'forbidden',
    'the bucket lets this controller place no holds: it needs the legal-hold account',
  );
}

async function keptByOthers({ holdLog }: CustodyContext, hold: string): Promise<ReadonlySet<string>> {
  return keptByHolds(await asUnavailable(async () => holdLog.read()), hold);
}

interface Change {
  readonly hold: string;
  readonly objects: readonly ObjectRef[];
  readonly held: boolean;
  readonly from: number;
}

/** What other holds keep stays held, so a release passes it over. */
async function setHolds(context: CustodyContext, { hold, objects, held, from }: Change): Promise<HoldProgress> {
  const upTo = from + context.objectsOfCall;
  const kept = held ? new Set<string>() : await keptByOthers(context, hold);
  const some = objects.slice(from, upTo).filter((one) => !kept.has(refKey(one)));
  const outcomes = await asUnavailable(async () =>
    inParallel(some, atOnce, async ({ object, generation }) => context.holds.setHold(object, generation, held)),
  ).catch((error: unknown) => {
    const verb = held ? 'apply' : 'release';
    throw new ControllerError(
      'unavailable',
      `hold ${hold} is logged, but not done for every object: ${verb} it again`,
      {
        cause: error,
        retryAfterMs: 2000,
      },
    );
  });
  const absent = outcomes.filter((one) => one === 'absent').length;
  const progress = { hold, objects: objects.length, done: outcomes.length - absent, absent };
  return upTo < objects.length ? { ...progress, next: upTo } : progress;
}
