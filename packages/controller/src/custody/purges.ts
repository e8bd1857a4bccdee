/** Purge at expiry: a leaf that names what goes, and only then its deletion. */
import { randomUUIDv7 } from 'node:crypto';
import type { PersonOfLeaf, PurgeAnswer, PurgeRequest } from '@tachograph/protocol';
import type { ObjectState } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { appendLeaves, asUnavailable, type CustodyContext } from './custody-context.ts';
import { namesKept, readStreamOwners, type ObjectRef, type StreamOwner } from './custody-log.ts';
import { toParts } from './leaf-parts.ts';
import { inParallel } from './parallel.ts';

/** Never the log and its keys: they prove what is gone. */
const expiring = ['v1/records/', 'v1/blobs/', 'v1/sessions/'] as const;
const atOnce = 16;

/** Names and deletes what is out of retention and under no hold, the oldest names first, at most some of it. */
export async function purge(context: CustodyContext, by: PersonOfLeaf, request: PurgeRequest): Promise<PurgeAnswer> {
  const beforeMs = parseBefore(request.before, context.nowMs());
  if (request.dryRun !== true) await requirePermission(context);
  const found = await asUnavailable(async () => findDue(context, { beforeMs, namespace: request.namespace }));
  const { due, ...counts } = found;
  const nothing = { ...counts, objects: due.length, deleted: 0, refused: 0 };
  if (request.dryRun === true || due.length === 0) return nothing;
  const id = randomUUIDv7();
  await logPurge(context, { purge: id, due, before: new Date(beforeMs).toISOString(), by, reason: request.reason });
  const outcomes = await asUnavailable(async () =>
    inParallel(due, atOnce, async ({ object, generation }) => context.purges.deleteGeneration(object, generation)),
  );
  const deleted = outcomes.filter((one) => one === 'deleted' || one === 'absent').length;
  const refused = outcomes.length - deleted;
  context.log.info('purged', { purge: id, by: by.sub, objects: due.length, deleted, refused });
  return { ...nothing, purge: id, deleted, refused };
}

function parseBefore(before: string | undefined, nowMs: number): number {
  if (before === undefined) return nowMs;
  const ms = /^\d{4}-\d{2}-\d{2}/.test(before) ? Date.parse(before) : Number.NaN;
  if (Number.isNaN(ms)) throw new ControllerError('bad_request', 'before: expected an RFC 3339 time or a day');
  if (ms > nowMs) throw new ControllerError('bad_request', 'before lies in the future: retention must be over now');
  return ms;
}

async function requirePermission({ purges }: CustodyContext): Promise<void> {
  if (await asUnavailable(async () => purges.may('delete'))) return;
  throw new ControllerError('forbidden', 'the bucket lets this controller delete nothing: it needs the purger account');
}

async function logPurge(
  context: CustodyContext,
  facts: {
    readonly purge: string;
    readonly due: readonly ObjectRef[];
    readonly before: string;
    readonly by: PersonOfLeaf;
    readonly reason: string;
  },
): Promise<void> {
  const { purge: id, due, before, by, reason } = facts;
  const parts = toParts(due);
  const at = context.now();
  await appendLeaves(
    context,
    parts.map((some, index) => ({
      v: 1,
      type: 'purge',
      purge: id,
      objects: [...some],
      part: index + 1,
      parts: parts.length,
      before,
      by,
      reason,
      at,
    })),
  );
}

interface Found extends Pick<PurgeAnswer, 'held' | 'retained' | 'unretained' | 'more'> {
  readonly due: readonly ObjectRef[];
}

interface Limits {
  readonly beforeMs: number;
  readonly namespace: string | undefined;
}

type Verdict = 'due' | 'held' | 'retained' | 'unretained';

async function findDue(context: CustodyContext, limits: Limits): Promise<Found> {
  const owners =
    limits.namespace === undefined ? new Map<string, StreamOwner>() : await readStreamOwners(context.store);
  // The log's word counts beside the bucket's: a hold that somebody took off by hand still holds.
  const kept = namesKept(await context.holdLog.read());
  const counts = { held: 0, retained: 0, unretained: 0 };
  const due: ObjectRef[] = [];
  for (const prefix of expiring) {
    for await (const state of context.purges.list(prefix)) {
      if (!isOfNamespace(owners, state.name, limits.namespace)) continue;
      const ref = { object: state.name, generation: state.generation };
      const verdict = kept.has(state.name) ? 'held' : judge(state, limits.beforeMs, context.retentionMs);
      if (verdict !== 'due') counts[verdict] += 1;
      else if (due.length === context.objectsOfCall) return { ...counts, due, more: true };
      else due.push(ref);
    }
  }
  return { ...counts, due, more: false };
}

function judge(state: ObjectState, beforeMs: number, retentionMs: number | undefined): Verdict {
  if (state.held) return 'held';
  const ownMs = retentionMs === undefined ? undefined : Date.parse(state.timeCreated) + retentionMs;
  const untilMs = state.retainedUntil === undefined ? ownMs : Date.parse(state.retainedUntil);
  if (untilMs === undefined || Number.isNaN(untilMs)) return 'unretained';
  return untilMs <= beforeMs ? 'due' : 'retained';
}

/** Records and sessions name their namespace; a blob names its stream. */
function isOfNamespace(owners: ReadonlyMap<string, StreamOwner>, name: string, namespace: string | undefined): boolean {
  if (namespace === undefined) return true;
  const [, own] = /\/namespace=([^/]+)\//.exec(name) ?? [];
  const [, stream = ''] = /^v1\/blobs\/dt=[^/]+\/([^/]+)\//.exec(name) ?? [];
  return (own ?? owners.get(stream)?.namespace) === namespace;
}
