import type { CreateOutcome, ObjectStore } from '@tachograph/store';
import { describeError, type Logger } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { Timers } from '../ports.ts';

export interface WriteOnceOptions {
  readonly store: ObjectStore;
  readonly timers: Timers;
  readonly log: Logger;
  /** Whether waiting for the store is still of use. */
  readonly alive: () => boolean;
}

const firstDelayMs = 200;
const maxDelayMs = 10_000;

/** Creates an object and does not give up on an unknown outcome: the same bytes again, until the store knows. */
export async function writeOnce(options: WriteOnceOptions, name: string, bytes: Uint8Array): Promise<CreateOutcome> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await options.store.create(name, bytes, { contentType: contentTypeOf(name) });
    } catch (error) {
      options.log.warn('object not written yet', { object: name, err: describeError(error) });
    }
    await new Promise<void>((resolve) => options.timers.after(delayMs, resolve));
    if (!options.alive()) throw new ControllerError('unavailable', 'the log was closed before the write was known');
  }
}

/** The stored bytes; asks until the store answers. */
export async function readUntilKnown(options: WriteOnceOptions, name: string): Promise<Uint8Array | undefined> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await options.store.get(name);
    } catch (error) {
      options.log.warn('object not read yet', { object: name, err: describeError(error) });
    }
    await new Promise<void>((resolve) => options.timers.after(delayMs, resolve));
    if (!options.alive()) throw new ControllerError('unavailable', 'the log was closed before the object was read');
  }
}

function contentTypeOf(name: string): string {
  return name.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8';
}
