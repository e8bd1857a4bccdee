import { numberAt, objectAt, textAt } from './fields.ts';
import { isKubeError } from './kube-error.ts';
import { toMeta } from './objects.ts';
import type { Json, Transport } from './transport.ts';

/** A `coordination.k8s.io/v1` Lease. */
export interface Lease {
  readonly resourceVersion: string;
  /** Empty: released. */
  readonly holder: string;
  readonly durationSeconds: number;
  readonly renewTime: string;
  readonly acquireTime: string;
  readonly transitions: number;
}

/** Which Lease. */
export interface LeaseRef {
  readonly namespace: string;
  readonly name: string;
}

/** Leases with optimistic concurrency; an absent one is `undefined`. Methods throw `KubeError`. */
export interface LeasePort {
  getLease(ref: LeaseRef): Promise<Lease | undefined>;
  /** Throws `conflict` when somebody else was first. */
  createLease(ref: LeaseRef, lease: Omit<Lease, 'resourceVersion'>): Promise<Lease>;
  /** Replaces exactly the version that was read; throws `conflict` otherwise. */
  updateLease(ref: LeaseRef, lease: Lease): Promise<Lease>;
}

export function createLeasePort(transport: Transport): LeasePort {
  return {
    async getLease(ref) {
      try {
        return toLease(await transport.call({ method: 'GET', path: `${collection(ref)}/${ref.name}` }));
      } catch (error) {
        if (isKubeError(error, 'not_found')) return undefined;
        throw error;
      }
    },
    createLease: async (ref, lease) =>
      toLease(await transport.call({ method: 'POST', path: collection(ref), body: fromLease(ref, lease) })),
    updateLease: async (ref, lease) =>
      toLease(
        await transport.call({ method: 'PUT', path: `${collection(ref)}/${ref.name}`, body: fromLease(ref, lease) }),
      ),
  };
}

function collection(ref: LeaseRef): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${ref.namespace}/leases`;
}

function toLease(object: Json): Lease {
  const spec = objectAt(object, 'spec');
  return {
    resourceVersion: toMeta(object).resourceVersion,
    holder: textAt(spec, 'holderIdentity') ?? '',
    durationSeconds: numberAt(spec, 'leaseDurationSeconds') ?? 0,
    renewTime: textAt(spec, 'renewTime') ?? '',
    acquireTime: textAt(spec, 'acquireTime') ?? '',
    transitions: numberAt(spec, 'leaseTransitions') ?? 0,
  };
}

function fromLease(ref: LeaseRef, lease: Omit<Lease, 'resourceVersion'> & { readonly resourceVersion?: string }): Json {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      ...(lease.resourceVersion === undefined ? {} : { resourceVersion: lease.resourceVersion }),
    },
    spec: {
      holderIdentity: lease.holder,
      leaseDurationSeconds: lease.durationSeconds,
      renewTime: lease.renewTime,
      acquireTime: lease.acquireTime,
      leaseTransitions: lease.transitions,
    },
  };
}
