/** Who may ship for a stream. */
import { ControllerError } from '../controller-error.ts';
import type { PodIdentity } from '../ports.ts';
import type { StreamQuestion, StreamView } from '../sequencer/log-port.ts';
import { goneLimitMs } from '../sequencer/head-tracker.ts';
import type { IngestContext } from './ingest-context.ts';

export interface StreamAccess {
  readonly view: StreamView;
  /** The pod's token no longer holds, since the pod is gone: only what the stream key signed is taken. */
  readonly bySignatureOnly: boolean;
}

/**
 * The stream, for a caller of its own pod (an earlier start included: that is a recovered stream), or for anybody who
 * has its signed segments within 10 minutes after its pod is gone.
 */
export async function accessStream(
  context: IngestContext,
  caller: PodIdentity | undefined,
  question: StreamQuestion,
): Promise<StreamAccess> {
  const view = await context.sequencer.stream(question);
  if (view === undefined) throw new ControllerError('stream_unknown', 'no such stream is open', { retryAfterMs: 1000 });
  if (caller !== undefined) {
    if (caller.podUid !== view.open.podUid) throw new ControllerError('forbidden', 'the stream is of another pod');
    return { view, bySignatureOnly: false };
  }
  const gone = view.podGoneAtMs;
  if (gone === undefined || context.clock.nowMs() - gone > goneLimitMs) {
    throw new ControllerError('unauthenticated', 'the token proves no pod');
  }
  return { view, bySignatureOnly: true };
}
