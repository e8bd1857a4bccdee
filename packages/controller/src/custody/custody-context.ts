import type { Archived, Leaf } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import { StoreError, type ObjectCustody, type ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import type { LogPort } from '../sequencer/log-port.ts';
import type { HoldLog } from './custody-log.ts';

/** What custody works with. It keeps nothing: the log is its memory. */
export interface CustodyContext {
  /** Reads only. */
  readonly store: ObjectStore;
  /** Of the same store. */
  readonly holdLog: HoldLog;
  /** By the credentials of the legal-hold account. */
  readonly holds: ObjectCustody;
  /** By the credentials of the purger account. */
  readonly purges: ObjectCustody;
  readonly sequencer: LogPort;
  /** Retention of objects that the store retains for no time; absent: they are not purged. */
  readonly retentionMs: number | undefined;
  /** Objects that one call holds, releases or deletes at most: a proxy must not give up on it. */
  readonly objectsOfCall: number;
  readonly nowMs: () => number;
  /** RFC 3339. */
  readonly now: () => string;
  readonly log: Logger;
}

/** Resolves when all of them stand in the log: only then is anything done. */
export async function appendLeaves(
  { sequencer }: CustodyContext,
  leaves: readonly Leaf[],
): Promise<readonly Archived[]> {
  const archived: Archived[] = [];
  // A request of the sequencer's carries so many, and of such a size.
  for (let at = 0; at < leaves.length; at += leavesOfRequest) {
    const some = leaves.slice(at, at + leavesOfRequest);
    archived.push(...(await sequencer.append(some.map((leaf) => JSON.stringify(leaf)))));
  }
  return archived;
}

const leavesOfRequest = 200;

/** A store that does not answer, or denies, in the words of the API. */
export async function asUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const denied = error.code === 'denied';
    throw new ControllerError(
      denied ? 'forbidden' : 'unavailable',
      denied ? `the bucket does not permit it: ${error.message}` : 'the bucket does not answer',
      { cause: error, ...(denied ? {} : { retryAfterMs: 2000 }) },
    );
  }
}
