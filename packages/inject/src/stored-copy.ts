/** Whether a copy of our part in a pod is what was derived, granting what the API server and its built-in plugins add. */
import { firstDifference, isPlain, isSame, isSameQuantity, type Plain } from './equality.ts';

const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** JSON pointer of the first difference; `undefined`: the copy is ours. */
export function copyDifference(derived: Plain, copy: unknown): string | undefined {
  if (!isPlain(copy)) return '';
  const granted: Plain = {
    ...copy,
    ...(Array.isArray(copy['volumeMounts'])
      ? { volumeMounts: copy['volumeMounts'].filter((mount) => !isTokenMount(mount)) }
      : {}),
    ...(holdsResources(derived['resources'], copy['resources']) ? { resources: derived['resources'] } : {}),
    ...(hasSameSize(derived, copy) ? { emptyDir: derived['emptyDir'] } : {}),
  };
  return firstDifference(derived, granted);
}

/** The ServiceAccount plugin mounts the pod's default token into every container, ours too; the sidecar does not use it. */
function isTokenMount(mount: unknown): boolean {
  if (!isPlain(mount) || !/^kube-api-access-[a-z0-9]{5}$/.test(String(mount['name']))) return false;
  const { name: _name, ...rest } = mount;
  return isSame(rest, { readOnly: true, mountPath: tokenMountPath });
}

/** LimitRanger may add what we leave open; what we ask for must be there. */
function holdsResources(derived: unknown, copy: unknown): boolean {
  if (!isPlain(derived) || !isPlain(copy)) return false;
  return ['requests', 'limits'].every((side) => {
    const [wanted, found] = [derived[side], copy[side]];
    if (!isPlain(wanted)) return true;
    return Object.entries(wanted).every(([name, value]) => isPlain(found) && isSameQuantity(value, found[name]));
  });
}

function hasSameSize(derived: Plain, copy: Plain): boolean {
  const [wanted, found] = [derived['emptyDir'], copy['emptyDir']];
  if (!isPlain(wanted) || !isPlain(found)) return false;
  const { sizeLimit, ...rest } = found;
  return isSame(rest, {}) && isSameQuantity(wanted['sizeLimit'], sizeLimit);
}
