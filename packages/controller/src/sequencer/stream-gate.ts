import { parseLeaf, type Archived, type StreamOpenLeaf } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { StreamEntry } from './stream-entry.ts';
import type { TransparencyLog } from './transparency-log.ts';

/** A key that comes before the kubelet has reported its container's start waits this long (`contracts.md`, Stream keys). */
export const pendingLimitMs = 60_000;

/** Appends a leaf; a stream key for a start that is taken is first pending, then a logged conflict. */
export function createStreamGate(log: TransparencyLog, clock: Clock): { append(text: string): Promise<Archived> } {
  const waiting = new Map<string, number>();
  const refuse = async (leaf: StreamOpenLeaf, by: StreamEntry): Promise<never> => {
    const id = `${leaf.stream} ${leaf.keyId}`;
    const sinceMs = waiting.get(id) ?? clock.nowMs();
    waiting.set(id, sinceMs);
    const logged = log.index.hasConflict(leaf.stream, leaf.keyId);
    if (!logged && clock.nowMs() - sinceMs < pendingLimitMs) {
      throw new ControllerError('stream_pending', 'no new start of the container is visible yet', {
        retryAfterMs: 1000,
      });
    }
    if (!logged) await log.write(conflictLeafOf(leaf, by, clock));
    waiting.delete(id);
    throw new ControllerError('stream_conflict', 'this start of the container already has a stream key');
  };
  return {
    async append(text) {
      const appended = await log.append(text);
      if (appended.kind === 'archived') return appended.archived;
      const leaf = parseLeaf(text);
      if (leaf?.type !== 'stream.open') throw new ControllerError('internal', 'only a stream.open leaf can be taken');
      return refuse(leaf, appended.by);
    },
  };
}

function conflictLeafOf(leaf: StreamOpenLeaf, by: StreamEntry, clock: Clock) {
  const { cluster, namespace, pod, podUid, stream, keyId } = leaf;
  const at = new Date(clock.nowMs()).toISOString();
  return {
    v: 1,
    type: 'stream.conflict',
    cluster,
    namespace,
    pod,
    podUid,
    stream,
    keyId,
    acceptedKeyId: by.open.keyId,
    at,
  } as const;
}
