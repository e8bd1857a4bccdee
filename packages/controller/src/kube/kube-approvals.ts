/** Approvals as `McpApproval` objects in the namespace of the workload. */
import type { ApprovalObject, ApprovalPort, Kube, ObjectMeta, WatchHandle } from '@tachograph/kube';
import { approval, type HeldApproval } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import type { ApprovalStore, StoredApproval } from '../approvals/approval-store.ts';
import { isLive } from '../approvals/transitions.ts';
import { isObject } from '../state/state-json.ts';
import { createKubeAnswers } from './kube-answers.ts';

/** Whether the approval could still change when it was last written. */
const liveLabel = 'tachograph.dev/live';
const { known, wrote } = createKubeAnswers('approvals');

/** Every read asks the API server; the watch only says when to ask again. */
export function createKubeApprovals(
  kube: ApprovalPort & Pick<Kube, 'watchApprovals'>,
  log: Logger,
): ApprovalStore & { close(): void } {
  const listeners = new Set<(id: string) => void>();
  let watch: WatchHandle<unknown> | undefined;
  const changed = ({ name }: ObjectMeta): void => {
    for (const listener of listeners) listener(name);
  };
  const readable = (object: ApprovalObject): readonly StoredApproval[] => {
    const stored = toStored(object);
    if (stored === undefined) log.warn('approval not readable', { namespace: object.namespace, approval: object.name });
    return stored === undefined ? [] : [stored];
  };
  return {
    lookEveryMs: 5000,
    create: async (one) => void (await known(kube.createApproval(toDraft(one)))),
    async get(id, namespace) {
      const found =
        namespace === undefined
          ? (await known(kube.listApprovals({ name: id })))[0]
          : await known(kube.getApproval(namespace, id));
      return found === undefined ? undefined : readable(found)[0];
    },
    async list({ namespace, liveOnly }) {
      const objects = await known(
        kube.listApprovals({
          ...(namespace === undefined ? {} : { namespace }),
          ...(liveOnly === true ? { labelSelector: `${liveLabel}=true` } : {}),
        }),
      );
      return objects.flatMap(readable);
    },
    update: async ({ approval: one, version }) =>
      written(kube.updateApproval({ ...toDraft(one), resourceVersion: version })),
    async remove({ approval: { namespace, id }, version }) {
      const object = await known(kube.getApproval(namespace, id));
      if (object?.resourceVersion !== version) return;
      await written(kube.deleteApproval(object));
    },
    onChange(handle) {
      listeners.add(handle);
      watch ??= kube.watchApprovals({ onObject: changed, onDeleted: changed });
      return () => void listeners.delete(handle);
    },
    close: () => watch?.stop(),
  };
}

async function written(write: Promise<unknown>): Promise<'updated' | 'conflict'> {
  return (await wrote(write)) ? 'updated' : 'conflict';
}

/** What was asked is in `spec` and never changes; what became of it is in `status`. */
function toDraft({ id, namespace, state, decisions, reveals, ended, ...spec }: HeldApproval) {
  return {
    namespace,
    name: id,
    labels: { [liveLabel]: String(isLive({ state })) },
    spec,
    status: {
      state,
      decisions,
      ...(reveals === undefined ? {} : { reveals }),
      ...(ended === undefined ? {} : { ended }),
    },
  };
}

function toStored({ namespace, name, resourceVersion, spec, status }: ApprovalObject): StoredApproval | undefined {
  if (!isObject(spec) || !isObject(status)) return undefined;
  const result = approval.safeParse({ ...spec, ...status, id: name, namespace });
  return result.success ? { approval: result.data, version: resourceVersion } : undefined;
}
