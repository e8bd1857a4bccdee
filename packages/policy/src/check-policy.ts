import { clusterPolicySpec, policySpec, type ClusterPolicySpec } from '@tachograph/protocol';
import type { Conditions } from './conditions/condition.ts';
import { findMisuse } from './policy-misuse.ts';

/** An `McpPolicy` or `ClusterMcpPolicy` as the cluster holds it; `spec` is checked here. */
export interface PolicyObject {
  /** Absent: `McpPolicy`. */
  readonly kind?: 'McpPolicy' | 'ClusterMcpPolicy';
  readonly name: string;
  /** Empty for a `ClusterMcpPolicy`. */
  readonly namespace: string;
  readonly spec: unknown;
}

/** What is wrong with which policy, where: `path` as Kubernetes writes it (`spec.rules[0].what.tool`). */
export interface PolicyFault {
  readonly policy: string;
  readonly path: string;
  readonly message: string;
}

/** One policy by itself. `refused`: all its faults, not only the first. */
export type CheckedPolicy =
  | {
      readonly kind: 'checked';
      readonly name: string;
      /** From a `ClusterMcpPolicy`. */
      readonly cluster: boolean;
      readonly spec: ClusterPolicySpec;
    }
  | { readonly kind: 'refused'; readonly errors: readonly PolicyFault[] };

/** `namespace/name`, or the name alone of a `ClusterMcpPolicy`. */
export function policyName({ kind, namespace, name }: Omit<PolicyObject, 'spec'>): string {
  return kind === 'ClusterMcpPolicy' ? name : `${namespace}/${name}`;
}

/**
 * Checks one policy by itself, as admission does. Without `conditions` (see `loadConditions`) a policy that has a
 * condition is refused. Detectors and patterns of `masking` are the masking package's to check.
 */
export function checkPolicy(object: PolicyObject, conditions?: Conditions): CheckedPolicy {
  const name = policyName(object);
  const cluster = object.kind === 'ClusterMcpPolicy';
  const parsed = (cluster ? clusterPolicySpec : policySpec).safeParse(object.spec);
  const faults = parsed.success ? findMisuse(parsed.data, conditions) : parsed.error.issues.flatMap(toFaults);
  if (parsed.success && faults.length === 0) return { kind: 'checked', name, cluster, spec: parsed.data };
  return { kind: 'refused', errors: faults.map((fault) => ({ policy: name, ...fault })) };
}

/** A fault and its place in the object. */
export type Fault = Omit<PolicyFault, 'policy'>;

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly origin?: string | undefined;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly issues?: readonly Issue[];
}

function toFaults(issue: Issue): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    const message = issue.path.at(-1) === 'verdicts' ? 'unknown verdict' : 'unknown field';
    return (issue.keys ?? []).map((key) => ({ path: toPath([...issue.path, key]), message }));
  }
  return [{ path: toPath(issue.path), message: toMessage(issue) }];
}

const messages: ReadonlyMap<string | undefined, (issue: Issue) => string> = new Map([
  ['invalid_type', ({ expected }) => `expected ${String(expected)}`],
  ['invalid_value', oneOf],
  ['invalid_key', ({ issues }) => (issues?.[0] === undefined ? 'unknown key' : oneOf(issues[0]))],
  ['too_small', (issue) => (isNumeric(issue) ? `expected at least ${String(issue.minimum)}` : 'too short')],
  ['too_big', (issue) => (isNumeric(issue) ? `expected at most ${String(issue.maximum)}` : 'too long')],
  ['invalid_format', formatOf],
]);

function toMessage(issue: Issue): string {
  return messages.get(issue.code)?.(issue) ?? 'invalid';
}

function oneOf({ values }: Issue): string {
  return `expected one of ${(values ?? []).map(String).join(', ')}`;
}

function isNumeric({ origin }: Issue): boolean {
  return origin === 'number' || origin === 'int' || origin === 'bigint';
}

function formatOf({ path }: Issue): string {
  const field = path.at(-1);
  if (field === 'header') return 'expected the name of an HTTP header';
  if (field === 'prefix') return 'expected printable ASCII, at most 64 characters';
  return 'expected lower-case letters, digits, "-" and ".", at most 63';
}

function toPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`),
    'spec',
  );
}
