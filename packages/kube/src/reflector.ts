/** One list-and-watch of one collection that never stays dead. */
import { objectAt, objectsAt, numberAt, textAt } from './fields.ts';
import { isKubeError } from './kube-error.ts';
import { createObjectCache, type ObjectCache, type WatchHandler } from './object-cache.ts';
import type { ObjectMeta } from './objects.ts';
import type { Logger, Timers } from './ports.ts';
import type { Json, Transport } from './transport.ts';

/** A running watch with its cache. */
export interface WatchHandle<T> {
  /** Resolves after the first complete list was delivered. */
  readonly synced: Promise<void>;
  isSynced(): boolean;
  list(): readonly T[];
  get(namespace: string, name: string): T | undefined;
  stop(): void;
}

export interface ReflectorOptions<T> {
  readonly transport: Transport;
  readonly path: string;
  readonly labelSelector?: string;
  readonly narrow: (object: Json) => T;
  readonly handler: WatchHandler<T>;
  readonly log: Logger;
  readonly timers: Timers;
  /** 0 to 1; spreads restarts of many processes. */
  readonly random: () => number;
}

const pageSize = 500;
const cleanDelayMs = 200;
const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** Lists, then watches from there. A clean close re-watches from the last version, 410 lists again, an error waits with jitter first. */
export function startReflector<T extends ObjectMeta>(options: ReflectorOptions<T>): WatchHandle<T> {
  const cache = createObjectCache(options.handler, (error) =>
    options.log.warn('watch handler failed', { path: options.path, err: String(error) }),
  );
  const reflector = new Reflector(options, cache);
  reflector.cycle();
  return {
    synced: reflector.synced.promise,
    isSynced: () => reflector.isSynced,
    list: () => cache.list(),
    get: (namespace, name) => cache.get(namespace, name),
    stop: () => reflector.stop(),
  };
}

class Reflector<T extends ObjectMeta> {
  readonly synced: PromiseWithResolvers<void> = Promise.withResolvers();
  isSynced = false;
  readonly #options: ReflectorOptions<T>;
  readonly #cache: ObjectCache<T>;
  readonly #query: Readonly<Record<string, string>>;
  /** Where the next watch starts; empty: list first. */
  #version = '';
  #failures = 0;
  #stopped = false;
  #abort = (): void => undefined;
  #cancelTimer = (): void => undefined;

  constructor(options: ReflectorOptions<T>, cache: ObjectCache<T>) {
    this.#options = options;
    this.#cache = cache;
    this.#query = options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector };
  }

  cycle(): void {
    this.#listAndWatch().catch((error: unknown) => this.#again(error));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#abort();
  }

  async #listAndWatch(): Promise<void> {
    if (this.#version === '') await this.#list();
    if (this.#stopped) return;
    const query = { ...this.#query, resourceVersion: this.#version, allowWatchBookmarks: 'true' };
    let ended = false;
    const abort = await this.#options.transport.watch(this.#options.path, query, {
      onEvent: (type, object) => {
        if (!ended) this.#apply(type, object);
      },
      onEnd: (error) => {
        if (ended) return;
        ended = true;
        this.#again(error);
      },
    });
    this.#abort = abort;
    // stop() may have run while the connection was made.
    if (this.#stopped) abort();
  }

  async #list(): Promise<void> {
    const { transport, path, narrow } = this.#options;
    const { objects, resourceVersion } = await listAll(transport, path, this.#query);
    if (this.#stopped) return;
    this.#cache.replace(objects.map(narrow));
    this.#version = resourceVersion;
    this.isSynced = true;
    this.synced.resolve();
  }

  #apply(type: string, object: Json): void {
    if (this.#stopped) return;
    if (type === 'ERROR') {
      // The server closes after this. An old version would be refused again and again, so the next cycle lists.
      this.#version = '';
      if (numberAt(object, 'code') !== 410) this.#failures += 1;
      return;
    }
    this.#failures = 0;
    this.#version = textAt(objectAt(object, 'metadata'), 'resourceVersion') ?? this.#version;
    if (type === 'ADDED' || type === 'MODIFIED') this.#cache.put(this.#options.narrow(object));
    if (type === 'DELETED') this.#cache.remove(this.#options.narrow(object));
  }

  #again(error: unknown): void {
    if (this.#stopped) return;
    const { log, path, timers, random } = this.#options;
    if (error !== undefined) {
      this.#failures += 1;
      if (isGone(error)) this.#version = '';
      const err = error instanceof Error ? error.message : typeof error;
      log.warn('watch interrupted', { path, failures: this.#failures, err });
    }
    const backoffMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#failures - 1));
    const delayMs = this.#failures === 0 ? cleanDelayMs : backoffMs;
    this.#cancelTimer = timers.after(Math.round(delayMs * (0.5 + random())), () => this.cycle());
  }
}

/** Every page of a collection. */
export async function listAll(
  transport: Transport,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<{ readonly objects: readonly Json[]; readonly resourceVersion: string }> {
  const objects: Json[] = [];
  let next = '';
  for (;;) {
    const page = new URLSearchParams({ ...query, limit: String(pageSize), ...(next === '' ? {} : { continue: next }) });
    const answer = await transport.call({ method: 'GET', path: `${path}?${page.toString()}` });
    for (const object of objectsAt(answer, 'items')) objects.push(object);
    const meta = objectAt(answer, 'metadata');
    next = textAt(meta, 'continue') ?? '';
    if (next === '') return { objects, resourceVersion: textAt(meta, 'resourceVersion') ?? '' };
  }
}

function isGone(error: unknown): boolean {
  if (isKubeError(error, 'gone')) return true;
  return typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === 410;
}
