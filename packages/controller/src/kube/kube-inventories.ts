/** Inventories as `McpServer` objects in the namespace of the workload. */
import type { Kube, ServerObject, ServerPort, WatchHandle } from '@tachograph/kube';
import { serverInventory } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { InventoryDraft, InventoryStore, StoredInventory } from '../ledger/inventory-store.ts';
import { createKubeAnswers } from './kube-answers.ts';

const { known, wrote, unavailable } = createKubeAnswers('inventories');

/** Changes ask the API server itself; bundles are made of what the watch has seen. */
export function createKubeInventories(
  kube: ServerPort & Pick<Kube, 'watchServers'>,
  log: Logger,
): InventoryStore & { close(): void } {
  const listeners = new Set<() => void>();
  let watch: WatchHandle<ServerObject> | undefined;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const watching = (): WatchHandle<ServerObject> =>
    (watch ??= kube.watchServers({ onObject: changed, onDeleted: changed }));
  const readable = (object: ServerObject): readonly StoredInventory[] => {
    const stored = toStored(object);
    if (stored === undefined)
      log.warn('inventory not readable', { namespace: object.namespace, workload: object.name });
    return stored === undefined ? [] : [stored];
  };
  return {
    async get(namespace, workload) {
      const object = await known(kube.getServer(namespace, workload));
      if (object === undefined) return undefined;
      const [stored] = readable(object);
      // Somebody wrote past admission: what was pinned there cannot be told, and must not be pinned anew.
      if (stored === undefined) throw new ControllerError('internal', 'the inventory is not as written');
      return stored;
    },
    list: async (namespace) => (await known(kube.listServers(namespace))).flatMap(readable),
    put: async (draft) => put(kube, draft),
    async peek(namespace, workload) {
      if (!watching().isSynced()) throw unavailable();
      const object = watching().get(namespace, workload);
      return object === undefined ? undefined : readable(object)[0];
    },
    onChange(handle) {
      listeners.add(handle);
      watching();
      return () => void listeners.delete(handle);
    },
    close: () => watch?.stop(),
  };
}

async function put(
  kube: ServerPort,
  { namespace, workload, inventory, version }: InventoryDraft,
): Promise<'written' | 'conflict'> {
  const draft = { namespace, name: workload, status: inventory };
  const write = kube.putServer(version === undefined ? draft : { ...draft, resourceVersion: version });
  return (await wrote(write)) ? 'written' : 'conflict';
}

function toStored({ namespace, name, resourceVersion, status }: ServerObject): StoredInventory | undefined {
  const parsed = serverInventory.safeParse(status);
  if (!parsed.success) return undefined;
  return {
    namespace,
    workload: name,
    inventory: parsed.data,
    version: resourceVersion,
    revision: Number(resourceVersion) || 0,
  };
}
