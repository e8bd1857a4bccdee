import type { ObjectMeta } from './objects.ts';

/** Called in order. Must not throw; a throw is reported and the object counts as delivered. */
export interface WatchHandler<T> {
  /** Created or changed, also once for every object of the first list. */
  readonly onObject: (object: T) => void;
  readonly onDeleted?: (object: T) => void;
}

/** What the API server last said of one collection, and the events that follow from changes of it. */
export interface ObjectCache<T> {
  put(object: T): void;
  remove(object: T): void;
  /** Takes a complete list: what is not in it was deleted while nobody watched. */
  replace(objects: readonly T[]): void;
  list(): readonly T[];
  get(namespace: string, name: string): T | undefined;
}

export function createObjectCache<T extends ObjectMeta>(
  handler: WatchHandler<T>,
  onThrow: (error: unknown) => void,
): ObjectCache<T> {
  const objects = new Map<string, T>();
  const deliver = (call: ((object: T) => void) | undefined, object: T): void => {
    try {
      call?.(object);
    } catch (error) {
      onThrow(error);
    }
  };
  const put = (object: T): void => {
    const known = objects.get(keyOf(object));
    if (known?.uid === object.uid && known.resourceVersion === object.resourceVersion) return;
    // Deleted and made again between two lists: two objects, so two events.
    if (known !== undefined && known.uid !== object.uid) deliver(handler.onDeleted, known);
    objects.set(keyOf(object), object);
    deliver(handler.onObject, object);
  };
  const remove = (object: T): void => {
    if (objects.delete(keyOf(object))) deliver(handler.onDeleted, object);
  };
  return {
    put,
    remove,
    replace(listed) {
      const keys = new Set(listed.map(keyOf));
      for (const object of objects.values()) if (!keys.has(keyOf(object))) remove(object);
      for (const object of listed) put(object);
    },
    list: () => [...objects.values()],
    get: (namespace, name) => objects.get(`${namespace}/${name}`),
  };
}

function keyOf(object: ObjectMeta): string {
  return `${object.namespace}/${object.name}`;
}
