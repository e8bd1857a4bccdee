/** Approvals as files of the state directory: one file per version, and creating the next version is the conditional update. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { approval, parseJson, type HeldApproval } from '@tachograph/protocol';
import type { ApprovalStore, StoredApproval } from '../approvals/approval-store.ts';
import { isLive } from '../approvals/transitions.ts';
import { ControllerError } from '../controller-error.ts';
import { createFile, isErrno, readTextFile, statePaths } from './state-files.ts';

/** `<id>.<version>.json`: old versions stay until the approval is removed, so that no late writer can take a number again. */
const fileName = /^([0-9a-f-]{36})\.(\d{1,6})\.json$/;

export function createStateApprovals(state: string): ApprovalStore {
  const dir = statePaths.approvals(state);
  const listeners = new Set<(id: string) => void>();
  const write = async ({ id, version }: Numbered, one: HeldApproval): Promise<'created' | 'exists'> => {
    const result = await createFile(join(dir, `${id}.${version}.json`), `${JSON.stringify(one, null, 2)}\n`);
    for (const listener of listeners) listener(id);
    return result;
  };
  return {
    // Other replicas change files without a word.
    lookEveryMs: 1000,
    async create(one) {
      const result = await write({ id: one.id, version: 1 }, one);
      if (result === 'exists') throw new ControllerError('internal', 'an approval of this id exists');
    },
    async get(id, namespace) {
      const newest = newestOf(await listNumbered(dir)).get(id);
      const stored = newest === undefined ? undefined : await readApproval(dir, { id, version: newest });
      return namespace === undefined || stored?.approval.namespace === namespace ? stored : undefined;
    },
    async list({ namespace, liveOnly }) {
      const newest = newestOf(await listNumbered(dir));
      const all = await Promise.all([...newest].map(async ([id, version]) => readApproval(dir, { id, version })));
      return all
        .filter((one) => one !== undefined)
        .filter((one) => namespace === undefined || one.approval.namespace === namespace)
        .filter((one) => liveOnly !== true || isLive(one.approval));
    },
    async update({ approval: one, version }) {
      const result = await write({ id: one.id, version: Number(version) + 1 }, one);
      return result === 'created' ? 'updated' : 'conflict';
    },
    async remove({ approval: { id } }) {
      const own = (await listNumbered(dir)).filter((one) => one.id === id);
      // Oldest first: whoever reads meanwhile still finds the end of it.
      for (const { version } of own.toSorted((a, b) => a.version - b.version)) {
        await rm(join(dir, `${id}.${version}.json`), { force: true });
      }
    },
    onChange(handle) {
      listeners.add(handle);
      return () => void listeners.delete(handle);
    },
  };
}

interface Numbered {
  readonly id: string;
  readonly version: number;
}

async function listNumbered(dir: string): Promise<readonly Numbered[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  return names.flatMap((name) => {
    const [, id, version] = fileName.exec(name) ?? [];
    return id === undefined ? [] : [{ id, version: Number(version) }];
  });
}

function newestOf(files: readonly Numbered[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { id, version } of files) newest.set(id, Math.max(version, newest.get(id) ?? 0));
  return newest;
}

/** `undefined`: removed meanwhile. */
async function readApproval(dir: string, { id, version }: Numbered): Promise<StoredApproval | undefined> {
  const text = await readTextFile(join(dir, `${id}.${version}.json`));
  if (text === undefined) return undefined;
  const result = approval.safeParse(parseJson(text));
  if (!result.success) throw new ControllerError('internal', `approval file of ${id} is not as written`);
  return { approval: result.data, version: String(version) };
}
