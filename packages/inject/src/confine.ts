import type { PodContainer } from '@tachograph/protocol';
import type { Plain } from './equality.ts';

/** With one of these a root container could become the sidecar's user, or forge packets. */
const dropped = ['SETUID', 'SETGID', 'NET_RAW'] as const;

/** A container's security context with what the rules need added; everything else stays. */
export function confine(container: PodContainer): Plain {
  const context = container.securityContext ?? {};
  const drop = context.capabilities?.drop ?? [];
  const missing = drop.includes('ALL') ? [] : dropped.filter((it) => !drop.includes(it));
  return {
    ...context,
    allowPrivilegeEscalation: false,
    capabilities: { ...context.capabilities, drop: [...drop, ...missing] },
  };
}
