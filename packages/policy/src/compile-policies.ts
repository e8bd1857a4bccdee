import { policySpec, type BundlePayload, type BundleRule, type PolicySpec } from '@tachograph/protocol';
import { compileGlobs } from './glob.ts';
import { mergeMasking, recognizersDiffer } from './merge-masking.ts';

/** An `McpPolicy` as the cluster holds it; `spec` is checked here. */
export interface PolicyObject {
  readonly name: string;
  readonly namespace: string;
  readonly spec: unknown;
}

/** What is wrong with which policy, where: `path` as Kubernetes writes it (`spec.rules[0].what.tool`). */
export interface PolicyFault {
  readonly policy: string;
  readonly path: string;
  readonly message: string;
}

/** What the policies give to a bundle; the rest (workload, version, times, durability floor) is the controller's. */
export type BundleParts = Pick<BundlePayload, 'default' | 'rules' | 'masking'>;

/** `policies`: `namespace/name` of those for the workload, sorted. `refused`: every fault of the namespace's policies. */
export type CompiledPolicies =
  | { readonly kind: 'compiled'; readonly parts: BundleParts; readonly policies: readonly string[] }
  | { readonly kind: 'refused'; readonly errors: readonly PolicyFault[] };

/**
 * Compiles the policies of one workload. Policies of other namespaces or workloads are left out; one faulty policy of the
 * namespace refuses all, because leaving it out might leave out a denial. A default of deny beats allow; without any the
 * default is allow. Masking is merged so that no policy loosens what another says (`mergeMasking`); two that name
 * different recognizers refuse each other.
 * Policies of the cluster (`ClusterMcpPolicy`) are to come: they will be passed as further objects.
 */
export function compilePolicies(
  objects: readonly PolicyObject[],
  target: { readonly namespace: string; readonly workload: string },
): CompiledPolicies {
  const checked = objects.filter(({ namespace }) => namespace === target.namespace).map(checkPolicy);
  const errors = checked.flatMap((policy) => (policy.kind === 'refused' ? policy.errors : []));
  if (errors.length > 0) return { kind: 'refused', errors };
  const specs = checked
    .flatMap((policy) => (policy.kind === 'checked' && isFor(policy.spec, target.workload) ? [policy] : []))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const clashing = specs.filter(({ spec }) => spec.masking?.recognizer !== undefined);
  if (recognizersDiffer(clashing.map(({ spec }) => spec.masking ?? {}))) return refuseRecognizers(clashing);
  return { kind: 'compiled', parts: toParts(specs), policies: specs.map(({ name }) => name) };
}

function refuseRecognizers(policies: readonly { readonly name: string }[]): CompiledPolicies {
  const message = 'another policy for the workload names a different recognizer';
  const errors = policies.map(({ name }) => ({ policy: name, path: 'spec.masking.recognizer', message }));
  return { kind: 'refused', errors };
}

/** One policy by itself. `refused`: all its faults, not only the first. */
export type CheckedPolicy =
  | { readonly kind: 'checked'; readonly name: string; readonly spec: PolicySpec }
  | { readonly kind: 'refused'; readonly errors: readonly PolicyFault[] };

/** Checks one policy by itself, as admission does. `name` is `namespace/name`. */
export function checkPolicy(object: PolicyObject): CheckedPolicy {
  const name = `${object.namespace}/${object.name}`;
  const parsed = policySpec.safeParse(object.spec);
  const faults = parsed.success ? findMisuse(parsed.data) : parsed.error.issues.flatMap(toFaults);
  if (parsed.success && faults.length === 0) return { kind: 'checked', name, spec: parsed.data };
  return { kind: 'refused', errors: faults.map((fault) => ({ policy: name, ...fault })) };
}

type Fault = Omit<PolicyFault, 'policy'>;

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
}

function toFaults(issue: Issue): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => ({ path: toPath([...issue.path, key]), message: 'unknown field' }));
  }
  return [{ path: toPath(issue.path), message: toMessage(issue) }];
}

const messages: ReadonlyMap<string | undefined, string> = new Map([
  ['too_small', 'too short'],
  ['too_big', 'too long'],
  ['invalid_format', 'expected lower-case letters, digits, "-" and ".", at most 63'],
]);

function toMessage({ code, expected, values }: Issue): string {
  if (code === 'invalid_type') return `expected ${String(expected)}`;
  if (code === 'invalid_value') return `expected one of ${(values ?? []).map(String).join(', ')}`;
  return messages.get(code) ?? 'invalid';
}

function toPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`),
    'spec',
  );
}

/** What the schema permits and nobody means: two rules of one name, and a list that matches nothing. */
function findMisuse(spec: PolicySpec): readonly Fault[] {
  const rules = spec.rules ?? [];
  const names = rules.map(({ name }) => name);
  const twice = names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ path: `spec.rules[${index}].name`, message: 'another rule has this name' }] : [],
  );
  const empty = rules.flatMap(({ who, what }, index) =>
    [...emptyLists('who', who), ...emptyLists('what', what)].map((list) => ({
      path: `spec.rules[${index}].${list}`,
      message: 'expected at least one pattern',
    })),
  );
  const noWorkload =
    spec.workloads?.length === 0 ? [{ path: 'spec.workloads', message: 'expected at least one pattern' }] : [];
  return [...noWorkload, ...twice, ...empty];
}

function emptyLists(
  field: string,
  lists: Readonly<Record<string, readonly string[] | undefined>> | undefined,
): readonly string[] {
  return Object.entries(lists ?? {}).flatMap(([name, list]) => (list?.length === 0 ? [`${field}.${name}`] : []));
}

function isFor(spec: PolicySpec, workload: string): boolean {
  return spec.workloads === undefined || compileGlobs(spec.workloads)(workload);
}

function toParts(policies: readonly { readonly name: string; readonly spec: PolicySpec }[]): BundleParts {
  const rules = policies.flatMap(({ name, spec }) =>
    (spec.rules ?? []).map((rule): BundleRule => ({ policy: name, ...rule })),
  );
  const isStrict = policies.some(({ spec }) => spec.default === 'deny');
  return {
    default: isStrict ? 'deny' : 'allow',
    rules,
    masking: mergeMasking(policies.map(({ spec }) => spec.masking ?? {})),
  };
}
