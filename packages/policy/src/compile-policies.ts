import type { BundleDefault, BundlePayload, ClusterPolicySpec, Durability } from '@tachograph/protocol';
import { checkPolicy, type PolicyFault, type PolicyObject } from './check-policy.ts';
import type { Conditions } from './conditions/condition.ts';
import { compileGlobs } from './glob.ts';
import { floorOf, mergeMasking, recognizersDiffer } from './merge-masking.ts';

/** What the policies give to a bundle; the rest (workload, version, times) is the controller's. */
export type BundleParts = Pick<
  BundlePayload,
  'default' | 'defaults' | 'rules' | 'masking' | 'guards' | 'limits' | 'alerts' | 'ledger' | 'upstream' | 'identity'
> & {
  /** The strictest floor of the cluster's policies; absent: they set none. */
  readonly durabilityFloor?: Durability;
};

/** `policies`: those for the workload, by name, the cluster's first. `refused`: every fault of the policies that may be. */
export type CompiledPolicies =
  | { readonly kind: 'compiled'; readonly parts: BundleParts; readonly policies: readonly string[] }
  | { readonly kind: 'refused'; readonly errors: readonly PolicyFault[] };

interface Target {
  readonly namespace: string;
  readonly workload: string;
}

interface Policy {
  readonly name: string;
  readonly cluster: boolean;
  readonly spec: ClusterPolicySpec;
}

/**
 * Compiles the policies of one workload. Policies for other namespaces or workloads are left out; one faulty policy of
 * the namespace or of the cluster refuses all, because leaving it out might leave out a denial. The policies of the
 * cluster and those of the namespace are kept apart, to be judged each by themselves (`decide`); in each, a default of
 * deny beats allow. Masking is merged so that no policy loosens what another says (`mergeMasking`). Two that name
 * different recognizers or different credentials refuse each other.
 */
export function compilePolicies(
  objects: readonly PolicyObject[],
  target: Target,
  conditions?: Conditions,
): CompiledPolicies {
  const checked = objects
    .filter(({ kind, namespace }) => kind === 'ClusterMcpPolicy' || namespace === target.namespace)
    .map((object) => checkPolicy(object, conditions));
  const errors = checked.flatMap((policy) => (policy.kind === 'refused' ? policy.errors : []));
  if (errors.length > 0) return { kind: 'refused', errors };
  const policies = checked
    .flatMap((policy) => (policy.kind === 'checked' && isFor(policy.spec, target) ? [policy] : []))
    .toSorted(byLevelAndName);
  const clashes = [...recognizerClashes(policies), ...upstreamClashes(policies)];
  if (clashes.length > 0) return { kind: 'refused', errors: clashes };
  return { kind: 'compiled', parts: toParts(policies), policies: policies.map(({ name }) => name) };
}

function isFor({ namespaces, workloads }: ClusterPolicySpec, { namespace, workload }: Target): boolean {
  return (
    (namespaces === undefined || compileGlobs(namespaces)(namespace)) &&
    (workloads === undefined || compileGlobs(workloads)(workload))
  );
}

function byLevelAndName(a: Policy, b: Policy): number {
  if (a.cluster !== b.cluster) return a.cluster ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function maskingOf({ floors, masking }: ClusterPolicySpec): readonly NonNullable<ClusterPolicySpec['masking']>[] {
  return [
    ...(floors?.masking === undefined ? [] : [floorOf(floors.masking)]),
    ...(masking === undefined ? [] : [masking]),
  ];
}

function recognizerClashes(policies: readonly Policy[]): readonly PolicyFault[] {
  if (!recognizersDiffer(policies.flatMap(({ spec }) => maskingOf(spec)))) return [];
  const message = 'another policy for the workload names a different recognizer';
  return policies
    .filter(({ spec }) => maskingOf(spec).some(({ recognizer }) => recognizer !== undefined))
    .map(({ name, spec }) => ({
      policy: name,
      path: spec.masking?.recognizer === undefined ? 'spec.floors.masking.recognizer' : 'spec.masking.recognizer',
      message,
    }));
}

function upstreamClashes(policies: readonly Policy[]): readonly PolicyFault[] {
  const naming = policies.filter(({ spec }) => spec.upstream !== undefined);
  const different = new Set(
    naming.map(({ spec: { upstream } }) =>
      JSON.stringify([upstream?.header, upstream?.secret.name, upstream?.secret.key, upstream?.prefix]),
    ),
  );
  if (different.size < 2) return [];
  const message = 'another policy for the workload names a different credential';
  return naming.map(({ name }) => ({ policy: name, path: 'spec.upstream', message }));
}

function toParts(policies: readonly Policy[]): BundleParts {
  const defaults = {
    ...named('cluster', defaultOf(policies.filter(({ cluster }) => cluster))),
    ...named('namespace', defaultOf(policies.filter(({ cluster }) => !cluster))),
  };
  const isStrict = defaults.cluster?.verdict === 'deny' || defaults.namespace?.verdict === 'deny';
  return {
    default: isStrict ? 'deny' : 'allow',
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
    rules: gather(policies, ({ rules }) => rules),
    masking: mergeMasking(policies.flatMap(({ spec }) => maskingOf(spec))),
    ...listed(
      'guards',
      gather(policies, ({ guards }) => guards),
    ),
    ...listed(
      'limits',
      gather(policies, ({ limits }) => limits),
    ),
    ...listed(
      'alerts',
      gather(policies, ({ alerts }) => alerts),
    ),
    ...named('ledger', strictestLedger(policies)),
    ...named('upstream', policies.find(({ spec }) => spec.upstream !== undefined)?.spec.upstream),
    ...named('identity', identityOf(policies)),
    ...named('durabilityFloor', strictestDurability(policies)),
  };
}

function named<Name extends string, T>(name: Name, value: T | undefined): { [Key in Name]?: T } {
  const member: { [Key in Name]?: T } = {};
  if (value !== undefined) member[name] = value;
  return member;
}

function listed<Name extends string, T>(name: Name, list: readonly T[]): { [Key in Name]?: T[] } {
  return named(name, list.length === 0 ? undefined : [...list]);
}

/** The items of all policies, each with where it came from. */
function gather<T extends object>(
  policies: readonly Policy[],
  itemsOf: (spec: ClusterPolicySpec) => readonly T[] | undefined,
): (T & { policy: string; cluster?: true; owner?: string })[] {
  return policies.flatMap(({ name, cluster, spec }) =>
    (itemsOf(spec) ?? []).map((item) => ({
      policy: name,
      ...(cluster ? { cluster: true as const } : {}),
      ...named('owner', spec.owner),
      ...item,
    })),
  );
}

/** Of one level: a denial before a permission, and of those the first. */
function defaultOf(policies: readonly Policy[]): BundleDefault | undefined {
  const said = ['deny', 'allow'] as const;
  const [first] = said.flatMap((verdict) =>
    policies
      .filter(({ spec }) => spec.default === verdict)
      .map(({ name, spec }) => ({ verdict, policy: name, ...named('owner', spec.owner) })),
  );
  return first;
}

function strictestLedger(policies: readonly Policy[]): BundleParts['ledger'] {
  const said = policies.map(({ spec }) => spec.ledger?.onDrift);
  const onDrift = (['hide', 'hold', 'record'] as const).find((what) => said.includes(what));
  return onDrift === undefined ? undefined : { onDrift };
}

/** Namespaces have no word in it: their policies have no such field. */
function identityOf(policies: readonly Policy[]): 'record-only' | undefined {
  const said = policies.flatMap(({ cluster, spec }) => (cluster ? [spec.identity] : []));
  return said.includes('record-only') && !said.includes('checked') ? 'record-only' : undefined;
}

function strictestDurability(policies: readonly Policy[]): Durability | undefined {
  const said = policies.map(({ spec }) => spec.floors?.durability);
  return (['archive', 'node', 'process'] as const).find((floor) => said.includes(floor));
}
