import type { CreateOutcome } from '@tachograph/store';
import type { Leaf } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { sha256Hex } from '../keys/node-crypto.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';

export interface NewObject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/**
 * Creates an object, or finds that the same bytes are there. Other bytes under the name are both kept, logged as
 * `conflict` and refused. Rejects with `unavailable` when the store does not say.
 */
export async function createObject(
  context: IngestContext,
  object: NewObject,
): Promise<{ readonly generation: string; readonly created: boolean }> {
  const outcome = await store(context, object);
  if (outcome.kind !== 'conflict') return { generation: outcome.generation, created: outcome.kind === 'created' };
  context.conflicts.inc();
  context.log.error('other bytes hold the name of an object', { object: object.name });
  const stored = await context.store.get(object.name, { generation: outcome.generation });
  await context.sequencer.append([
    JSON.stringify({
      v: 1,
      type: 'conflict',
      object: object.name,
      generation: outcome.generation,
      sha256: sha256Hex(stored ?? ''),
      at: timeOf(context.clock),
    } satisfies Leaf),
  ]);
  throw new ControllerError('object_conflict', 'other bytes hold this name');
}

async function store(context: IngestContext, { name, bytes, contentType }: NewObject): Promise<CreateOutcome> {
  try {
    return await context.store.create(name, bytes, { contentType });
  } catch (error) {
    throw new ControllerError('unavailable', 'the bucket does not answer', { cause: error, retryAfterMs: 2000 });
  }
}
