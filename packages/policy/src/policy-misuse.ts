/** What the schema permits and nobody means: what could never match, says two things at once, or cannot be evaluated. */
import type {
  ApproveSpec,
  ClusterPolicySpec,
  GuardSpec,
  PolicyRule,
  PolicyWhat,
  PolicyWho,
  UpstreamSpec,
} from '@tachograph/protocol';
import type { Fault } from './check-policy.ts';
import type { Conditions } from './conditions/condition.ts';
import { compileGlob } from './glob.ts';
import { verdictNames } from './guard-decision.ts';
import { isArgumentPath } from './guard-questions.ts';
import { dialectOf, isDialectKnown } from './guards/sql-dialect.ts';
import { knownMethods, targetKindOf } from './methods.ts';

/** Every misuse of a policy, in the order of its fields. */
export function findMisuse(spec: ClusterPolicySpec, conditions: Conditions | undefined): readonly Fault[] {
  const { rules = [], guards = [], limits = [], alerts = [] } = spec;
  return [
    ...emptyLists('spec', { namespaces: spec.namespaces, workloads: spec.workloads }),
    ...repeatedNames('spec.rules', rules),
    ...rules.flatMap((rule, index) => ruleFaults(`spec.rules[${index}]`, rule, conditions)),
    ...guards.flatMap((guard, index) => guardFaults(`spec.guards[${index}]`, guard)),
    ...repeatedNames('spec.limits', limits),
    ...limits.flatMap((limit, index) => reachFaults(`spec.limits[${index}]`, limit)),
    ...repeatedNames('spec.alerts', alerts),
    ...upstreamFaults(spec.upstream),
    ...identityFaults(spec),
  ];
}

/** By one forgotten line nobody in the whole cluster would be asked who they are. */
function identityFaults({ identity, namespaces, workloads }: ClusterPolicySpec): readonly Fault[] {
  if (identity !== 'record-only' || namespaces !== undefined || workloads !== undefined) return [];
  return [{ path: 'spec.identity', message: 'record-only needs namespaces or workloads: say whose application it is' }];
}

function repeatedNames(path: string, items: readonly { readonly name: string }[]): readonly Fault[] {
  const names = items.map(({ name }) => name);
  const kind = path.endsWith('rules') ? 'rule' : path.endsWith('limits') ? 'limit' : 'alert';
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ path: `${path}[${index}].name`, message: `another ${kind} has this name` }] : [],
  );
}

function ruleFaults(path: string, rule: PolicyRule, conditions: Conditions | undefined): readonly Fault[] {
  const misplaced =
    rule.approve !== undefined && rule.verdict !== 'approve'
      ? [{ path: `${path}.approve`, message: 'only a rule with verdict approve has approvers' }]
      : [];
  return [
    ...reachFaults(path, rule),
    ...conditionFaults(`${path}.when`, rule.when, conditions),
    ...misplaced,
    ...approveFaults(`${path}.approve`, rule.approve),
  ];
}

function conditionFaults(path: string, when: string | undefined, conditions: Conditions | undefined): readonly Fault[] {
  if (when === undefined) return [];
  const compiled = conditions?.compile(when);
  if (compiled?.kind === 'compiled') return [];
  return [{ path, message: compiled?.reason ?? 'conditions cannot be checked here' }];
}

function approveFaults(path: string, approve: ApproveSpec | undefined): readonly Fault[] {
  return emptyLists(path, { subjects: approve?.subjects, groups: approve?.groups });
}

interface Reach {
  readonly who?: PolicyWho | undefined;
  readonly what?: PolicyWhat | undefined;
}

function reachFaults(path: string, { who = {}, what = {} }: Reach): readonly Fault[] {
  return [
    ...emptyLists(`${path}.who`, who),
    ...eachPattern(`${path}.who.serviceAccounts`, who.serviceAccounts, accountFault),
    ...emptyLists(`${path}.what`, what),
    ...eachPattern(`${path}.what.methods`, what.methods, methodFault),
    ...eachPattern(`${path}.what.tools`, what.tools, toolFault),
    ...unreachableTargets(`${path}.what`, what),
  ];
}

/** Methods and targets narrow each other: of methods that have none of these targets nothing is left. */
function unreachableTargets(path: string, what: PolicyWhat): readonly Fault[] {
  const kinds = (['tools', 'resources', 'prompts'] as const).filter((kind) => (what[kind]?.length ?? 0) > 0);
  if (what.methods === undefined || kinds.length === 0) return [];
  const globs = what.methods.map(compileGlob);
  const reaches = knownMethods.some(
    (method) => globs.some((glob) => glob(method)) && kinds.some((kind) => kind === targetKindOf(method)),
  );
  return reaches ? [] : [{ path, message: `none of these methods is about ${kinds.join(' or ')}` }];
}

function emptyLists(path: string, lists: Readonly<Record<string, readonly string[] | undefined>>): readonly Fault[] {
  return Object.entries(lists).flatMap(([name, list]) =>
    list?.length === 0 ? [{ path: `${path}.${name}`, message: 'expected at least one pattern' }] : [],
  );
}

function eachPattern(
  path: string,
  patterns: readonly string[] = [],
  faultOf: (pattern: string) => string | undefined,
): readonly Fault[] {
  return patterns.flatMap((pattern, index) => {
    const message = faultOf(pattern);
    return message === undefined ? [] : [{ path: `${path}[${index}]`, message }];
  });
}

function accountFault(pattern: string): string | undefined {
  return pattern.includes('/') || /^\*+$/.test(pattern) ? undefined : 'expected namespace/name';
}

/** Vendors' methods have a dot in them; any other that nobody knows is a slip of the pen. */
function methodFault(pattern: string): string | undefined {
  const glob = compileGlob(pattern);
  return pattern.includes('.') || knownMethods.some(glob) ? undefined : 'no MCP method matches this';
}

function toolFault(pattern: string): string | undefined {
  return /[\s,;{}[\]()|\\^$]/.test(pattern) ? 'no tool has such a name: a pattern knows only * and ?' : undefined;
}

function guardFaults(path: string, guard: GuardSpec): readonly Fault[] {
  const { tools, arguments: names, kind, verdicts = {}, approve } = guard;
  const foreign = Object.keys(verdicts)
    .filter((verdict) => !verdictNames[kind].some((name) => name === verdict))
    .map((verdict) => ({
      path: `${path}.verdicts.${verdict}`,
      message: `no verdict of ${kind}: expected one of ${verdictNames[kind].join(', ')}`,
    }));
  return [
    ...emptyLists(path, { tools, arguments: names }),
    ...eachPattern(`${path}.tools`, tools, toolFault),
    ...eachPattern(`${path}.arguments`, names, argumentFault),
    ...dialectFaults(path, guard),
    ...foreign,
    ...approveFaults(`${path}.approve`, approve),
  ];
}

/** What begins like a path is read as one; any other text is the name of an argument. */
function argumentFault(name: string): string | undefined {
  if (!name.startsWith('$')) return undefined;
  return isArgumentPath(name) ? undefined : 'expected the name of an argument, or a path as $.a.b[0]';
}

/** A dialect that nobody knows would be read as every dialect, which is not what was meant. */
function dialectFaults(path: string, { kind, dialect }: GuardSpec): readonly Fault[] {
  if (dialect === undefined) return [];
  if (kind === 'shell') return [{ path: `${path}.dialect`, message: 'only a guard of kind sql has a dialect' }];
  return isDialectKnown(dialectOf(dialect)) ? [] : [{ path: `${path}.dialect`, message: 'unknown dialect of SQL' }];
}

/** Headers that the protocols themselves use, between us and the server. */
const ownHeaders =
  /^(host|connection|keep-alive|te|trailer|upgrade|transfer-encoding|content-(length|type|encoding)|accept|origin|cookie|last-event-id|mcp-.*|proxy-.*|x-forwarded-.*|forwarded)$/i;

function upstreamFaults(upstream: UpstreamSpec | undefined): readonly Fault[] {
  if (upstream === undefined || !ownHeaders.test(upstream.header)) return [];
  return [{ path: 'spec.upstream.header', message: 'this header belongs to the protocol' }];
}
