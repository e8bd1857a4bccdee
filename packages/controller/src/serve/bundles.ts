/** `GET /v1/bundle`: one workload's policies, compiled, numbered and signed. Replicas answer the same bytes. */
import { workloadUri, type BundleLedger, type BundlePayload, type WorkloadRef } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { Policies, PolicySource } from '../ports.ts';
import type { BundleVersions } from './bundle-versions.ts';
import type { SignedAnswer } from './signed-answer.ts';
import { currentValidity, signStatement } from './sign-statement.ts';

/** What policies amount to for one workload. */
export type CompiledPolicies = Omit<BundlePayload, 'v' | 'workload' | 'version' | 'issuedAt' | 'notAfter'>;

export interface BundlesOptions {
  readonly cluster: string;
  readonly policies: Policies;
  /** Throws a `ControllerError` when a policy cannot be compiled: no bundle is better than one without that policy. */
  readonly compile: (
    target: { readonly namespace: string; readonly workload: string },
    sources: readonly PolicySource[],
  ) => CompiledPolicies;
  readonly versions: BundleVersions;
  /** What is pinned for a workload, on one scale of revisions with policies; absent: nothing ever is. */
  readonly pins?: (
    namespace: string,
    workload: string,
  ) => Promise<{ readonly ledger: Omit<BundleLedger, 'onDrift'>; readonly revision: number } | undefined>;
  readonly key: SigningKey;
  readonly clock: Clock;
}

export function createBundles(options: BundlesOptions): (namespace: string, workload: string) => Promise<SignedAnswer> {
  return async (namespace, workload) => {
    const snapshot = await options.policies.snapshot(namespace);
    const known = await options.pins?.(namespace, workload);
    const revision = Math.max(snapshot.revision, known?.revision ?? 0);
    const content = withPins(options.compile({ namespace, workload }, snapshot.sources), known?.ledger);
    const digest = sha256Hex(JSON.stringify(content));
    const version = await options.versions.versionOf({ namespace, workload, digest, revision });
    const { slot, issuedAt, notAfter } = currentValidity(options.clock.nowMs());
    const ref: WorkloadRef = { cluster: options.cluster, namespace, workload };
    const payload: BundlePayload = { v: 1, workload: workloadUri(ref), version, issuedAt, notAfter, ...content };
    return { etag: `"${version}-${slot}"`, statement: signStatement('bundle', payload, options.key) };
  };
}

/** What policy says of drift, beside what is pinned. */
function withPins(compiled: CompiledPolicies, pins: Omit<BundleLedger, 'onDrift'> | undefined): CompiledPolicies {
  return pins === undefined ? compiled : { ...compiled, ledger: { ...compiled.ledger, ...pins } };
}
