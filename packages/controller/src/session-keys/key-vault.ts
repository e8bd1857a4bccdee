/** Where session keys are kept, and from where they can really vanish: a store of its own, without versions and retention. */
import { timingSafeEqual } from 'node:crypto';
import type { ObjectCustody, ObjectStore } from '@tachograph/store';
import { asUnavailable } from '../custody/custody-context.ts';
import { ControllerError } from '../controller-error.ts';
import { parseObject } from '../state/state-json.ts';
import type { WrappingKey } from './wrapping-key.ts';

export interface KeyVaultOptions {
  readonly store: ObjectStore;
  readonly custody: ObjectCustody;
  readonly wrapping: WrappingKey;
  /** Settings of the store by which deleted objects live on (`outlivingSettings`). */
  readonly outliving: () => Promise<readonly string[]>;
}

/** Methods reject with a `ControllerError`. */
export interface KeyVault {
  /** `destroyed`: the key of this session is gone for good, and this one is not kept. `object_conflict` for another key. */
  put(session: string, key: Uint8Array): Promise<'created' | 'kept' | 'destroyed'>;
  get(session: string): Promise<Buffer | 'destroyed' | undefined>;
  /** Throws `erasure_impossible` where the store would keep what is deleted. */
  requireForgetting(): Promise<void>;
  /** Marks the session first, so that no late delivery brings the key back. Again: changes nothing. */
  destroy(session: string): Promise<void>;
}

const keyName = (session: string): string => `v1/session-keys/${session}.json`;
const markName = (session: string): string => `v1/destroyed/${session}`;

export function createKeyVault(options: KeyVaultOptions): KeyVault {
  const { store, wrapping } = options;
  const isDestroyed = async (session: string): Promise<boolean> => (await store.get(markName(session))) !== undefined;
  const read = async (session: string): Promise<Buffer | undefined> => {
    const bytes = await store.get(keyName(session));
    return bytes === undefined ? undefined : wrapping.unwrap(session, wrappedOf(session, bytes));
  };
  return {
    put: async (session, key) =>
      asUnavailable(async () => {
        if (await isDestroyed(session)) return 'destroyed';
        const stored = await read(session);
        if (stored !== undefined) return sameKey(stored, key);
        const wrapped = JSON.stringify({ v: 1, session, wrapped: wrapping.wrap(session, key) });
        const { kind } = await store.create(keyName(session), Buffer.from(wrapped), {
          contentType: 'application/json',
        });
        if (kind !== 'conflict') {
          // Somebody may have ended the session's key in between.
          if (!(await isDestroyed(session))) return 'created';
          await destroy(options, session);
          return 'destroyed';
        }
        const first = await read(session);
        return first === undefined ? 'destroyed' : sameKey(first, key);
      }),
    get: async (session) => asUnavailable(async () => ((await isDestroyed(session)) ? 'destroyed' : read(session))),
    requireForgetting: async () => requireForgetting(options),
    destroy: async (session) => asUnavailable(async () => destroy(options, session)),
  };
}

function sameKey(stored: Uint8Array, key: Uint8Array): 'kept' {
  if (stored.length === key.length && timingSafeEqual(stored, key)) return 'kept';
  throw new ControllerError('object_conflict', 'the session has another key');
}

function wrappedOf(session: string, bytes: Uint8Array): string {
  const wrapped = parseObject(Buffer.from(bytes).toString('utf8'))?.['wrapped'];
  if (typeof wrapped !== 'string') throw new ControllerError('internal', `the key of session ${session} is damaged`);
  return wrapped;
}

async function requireForgetting({ custody, outliving }: KeyVaultOptions): Promise<void> {
  const settings = await asUnavailable(outliving);
  if (settings.length > 0)
    throw new ControllerError(
      'erasure_impossible',
      `the bucket of session keys has ${settings.join(' and ')}: a deleted key would live on`,
    );
  if (!(await asUnavailable(async () => custody.may('delete'))))
    throw new ControllerError('forbidden', 'the bucket of session keys lets this controller delete nothing');
}

async function destroy({ store, custody }: KeyVaultOptions, session: string): Promise<void> {
  await store.create(markName(session), Buffer.from('destroyed\n'), { contentType: 'text/plain' });
  const name = keyName(session);
  for await (const { name: found, generation } of custody.list(name)) {
    if (found === name) await custody.deleteGeneration(found, generation);
  }
  for await (const { name: found } of custody.list(name)) {
    if (found === name)
      throw new ControllerError('unavailable', `the key of session ${session} is still there: confirm again`, {
        retryAfterMs: 2000,
      });
  }
}
