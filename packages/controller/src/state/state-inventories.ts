/** Inventories as files of the state directory, one for each workload. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { serverInventory } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { createTurns } from '../approvals/turns.ts';
import { ControllerError } from '../controller-error.ts';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { InventoryStore, StoredInventory } from '../ledger/inventory-store.ts';
import { isErrno, readTextFile, replaceFile, statePaths } from './state-files.ts';
import { isObject, parseObject } from './state-json.ts';

/** Replicas of one state directory may overwrite each other's newest report; a cluster's may not. */
export function createStateInventories(state: string, clock: Clock): InventoryStore {
  const listeners = new Set<() => void>();
  const inTurn = createTurns();
  const get = async (namespace: string, workload: string): Promise<StoredInventory | undefined> => {
    const text = await readTextFile(statePaths.inventory(state, namespace, workload));
    return text === undefined ? undefined : toStored(namespace, workload, text);
  };
  return {
    get,
    peek: get,
    async list(namespace) {
      const namespaces = namespace === undefined ? await names(statePaths.inventories(state)) : [namespace];
      const found = await Promise.all(
        namespaces.map(async (one) => {
          const files = await names(join(statePaths.inventories(state), one));
          const workloads = files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []));
          return Promise.all(workloads.toSorted().map(async (workload) => get(one, workload)));
        }),
      );
      return found.flat().filter((one) => one !== undefined);
    },
    put: async ({ namespace, workload, inventory, version }) =>
      inTurn(`${namespace}/${workload}`, async () => {
        const there = await get(namespace, workload);
        if (there?.version !== version) return 'conflict';
        const revision = Math.max((there?.revision ?? 0) + 1, clock.nowMs());
        const text = `${JSON.stringify({ revision, inventory }, null, 2)}\n`;
        await replaceFile(statePaths.inventory(state, namespace, workload), text);
        for (const listener of listeners) listener();
        return 'written';
      }),
    onChange(handle) {
      listeners.add(handle);
      return () => void listeners.delete(handle);
    },
  };
}

async function names(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  }
}

function toStored(namespace: string, workload: string, text: string): StoredInventory {
  const file = parseObject(text);
  const parsed = serverInventory.safeParse(isObject(file) ? file['inventory'] : undefined);
  const revision = isObject(file) ? file['revision'] : undefined;
  if (!parsed.success || typeof revision !== 'number') {
    throw new ControllerError('internal', `inventory file of ${namespace}/${workload} is not as written`);
  }
  return { namespace, workload, inventory: parsed.data, version: sha256Hex(text), revision };
}
