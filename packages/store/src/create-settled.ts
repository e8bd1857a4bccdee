import { toGcsFailure, toStoreError } from './gcs-failure.ts';
import type { CreateOutcome } from './object-store.ts';
import { type RetrySettings, backoffMs } from './retry.ts';
import { StoreError } from './store-error.ts';

/** A create-only write, in terms of one upload and one look. */
export interface SettledCreate {
  readonly bytes: Uint8Array;
  /** For messages. */
  readonly what: string;
  readonly retry: RetrySettings;
  /** One upload with "must not exist"; resolves to the generation that the store confirmed. */
  readonly upload: () => Promise<string>;
  /** The live object, or undefined when there is none. */
  readonly readBack: () => Promise<{ readonly bytes: Uint8Array; readonly generation: string } | undefined>;
}

/**
 * Exactly once (`archive.md` §4): a confirmed upload is done; after any error the bytes are read back. Equal: done.
 * Different: conflict. Absent: the same bytes again, unless the store said no for good.
 */
export async function createSettled(create: SettledCreate): Promise<CreateOutcome> {
  const { retry, what } = create;
  let last: unknown;
  for (let attempt = 1; attempt <= retry.attempts; attempt += 1) {
    if (attempt > 1) await retry.sleep(backoffMs(retry, attempt - 1));
    try {
      return { kind: 'created', generation: await create.upload() };
    } catch (error) {
      last = error;
    }
    const outcome = await settle(create, last);
    if (outcome !== undefined) return outcome;
  }
  throw new StoreError('unavailable', `${what}: not settled after ${retry.attempts} attempts`, last);
}

/** Undefined when only another attempt can tell; throws what no attempt will change. */
async function settle(create: SettledCreate, uploadError: unknown): Promise<CreateOutcome | undefined> {
  const found = await lookOrUnknown(create);
  if (found.kind === 'unknown') return undefined;
  if (found.kind === 'absent') {
    // 412 with nothing there: deleted in between, or a listing lag; the next attempt tells.
    const failure = toGcsFailure(uploadError).kind;
    if (failure === 'unknown' || failure === 'taken') return undefined;
    throw toStoreError(uploadError, create.what);
  }
  const equal = Buffer.compare(found.bytes, create.bytes) === 0;
  return { kind: equal ? 'exists-equal' : 'conflict', generation: found.generation };
}

type Look =
  | { readonly kind: 'found'; readonly bytes: Uint8Array; readonly generation: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

async function lookOrUnknown(create: SettledCreate): Promise<Look> {
  try {
    const stored = await create.readBack();
    return stored === undefined ? { kind: 'absent' } : { kind: 'found', ...stored };
  } catch (error) {
    if (toGcsFailure(error).kind === 'unknown') return { kind: 'unknown' };
    throw toStoreError(error, `${create.what}: reading back`);
  }
}
