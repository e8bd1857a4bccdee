/** What the API server says of objects that every replica reads and writes. */
import { isKubeError } from '@tachograph/kube';
import { ControllerError } from '../controller-error.ts';

/** Asks the API server for `what` (approvals, inventories), or tells it. */
export interface KubeAnswers {
  /** The answer; throws `unavailable` where there is none, to be asked for again in a second. */
  readonly known: <T>(answer: Promise<T>) => Promise<T>;
  /** Whether the write came first: another writer, or who took the object away, is an expected outcome. */
  readonly wrote: (write: Promise<unknown>) => Promise<boolean>;
  readonly unavailable: (cause?: unknown) => ControllerError;
}

export function createKubeAnswers(what: string): KubeAnswers {
  const unavailable = (cause?: unknown): ControllerError =>
    new ControllerError('unavailable', `${what} cannot be read or written now`, { cause, retryAfterMs: 1000 });
  return {
    unavailable,
    async known(answer) {
      return answer.catch((error: unknown) => {
        throw unavailable(error);
      });
    },
    async wrote(write) {
      try {
        await write;
        return true;
      } catch (error) {
        if (isKubeError(error, 'conflict') || isKubeError(error, 'not_found')) return false;
        throw unavailable(error);
      }
    },
  };
}
