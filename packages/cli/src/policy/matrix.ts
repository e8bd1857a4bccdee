/** Who may do what: principal, server, tool, right. */
import { possibleDecisions, type PolicyObject, type PossibleDecision } from '@tachograph/policy';
import type { ClusterPolicySpec, PolicyCall, PolicyCaller, PolicyWho } from '@tachograph/protocol';
import { compileFileBundle, type FileBundle } from './file-bundle.ts';

export interface MatrixPrincipal {
  readonly name: string;
  readonly caller: PolicyCaller;
}

export interface MatrixServer {
  readonly namespace: string;
  readonly workload: string;
  /** Absent: the tools that the policies name. */
  readonly tools?: readonly string[];
}

/** One cell. `conditional`: the right depends on arguments, facts or time; `softest` is the best that may come of it. */
export interface MatrixRow {
  readonly principal: string;
  readonly server: string;
  readonly tool: string;
  readonly right: PossibleDecision['verdict'];
  readonly softest: PossibleDecision['verdict'];
  readonly conditional: boolean;
  readonly rule: string;
  readonly policy: string;
}

export const otherTools = '(any other tool)';
/** No pattern of a policy is likely to name it, and no server has it. */
const unnamedTool = '\u{10ffff}';
const everyoneElse: MatrixPrincipal = {
  name: '(anyone else)',
  caller: { subject: unnamedTool, subjectType: 'human', groups: [] },
};

/** A policy whose spec was checked. */
export type SpecObject = PolicyObject & { readonly spec: ClusterPolicySpec };

/** Every combination, in the order of principals, servers and tools. */
export async function createMatrix(
  objects: readonly SpecObject[],
  given: {
    readonly cluster: string;
    readonly principals?: readonly MatrixPrincipal[];
    readonly servers?: readonly MatrixServer[];
  },
): Promise<readonly MatrixRow[]> {
  const principals = given.principals ?? principalsOf(objects);
  const servers = await Promise.all(
    (given.servers ?? serversOf(objects)).map(async (server) => ({
      server,
      tools: [...(server.tools ?? toolsOf(objects)), otherTools],
      compiled: await compileFileBundle(objects, { cluster: given.cluster, ...server }),
    })),
  );
  return principals.flatMap((principal) =>
    servers.flatMap(({ server, tools, compiled }) => tools.map((tool) => toRow({ principal, server, tool }, compiled))),
  );
}

function toRow(
  {
    principal,
    server,
    tool,
  }: { readonly principal: MatrixPrincipal; readonly server: MatrixServer; readonly tool: string },
  { bundle, guards }: FileBundle,
): MatrixRow {
  const call: PolicyCall = {
    method: 'tools/call',
    tool: tool === otherTools ? unnamedTool : tool,
    ...principal.caller,
  };
  const possible = possibleDecisions(bundle, guards, call);
  const [hardest] = possible;
  return {
    principal: principal.name,
    server: `${server.namespace}/${server.workload}`,
    tool,
    right: hardest?.verdict ?? 'allow',
    softest: possible.at(-1)?.verdict ?? 'allow',
    conditional: possible.some(({ conditional }) => conditional),
    rule: hardest?.rule ?? '',
    policy: hardest?.policy ?? '',
  };
}

/** Everybody whom a rule or limit names, and everybody else. Patterns stand for whoever they match. */
function principalsOf(objects: readonly SpecObject[]): readonly MatrixPrincipal[] {
  const whos = objects.flatMap(({ spec: { rules = [], limits = [] } }) =>
    [...rules, ...limits].map(({ who }) => who ?? {}),
  );
  const named = new Map(whos.flatMap(principalsNamedIn).map((principal) => [principal.name, principal]));
  return [...[...named.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)), everyoneElse];
}

function principalsNamedIn({ subjects = [], groups = [], serviceAccounts = [], clientIds = [] }: PolicyWho) {
  const human = { subject: unnamedTool, subjectType: 'human', groups: [] } as const;
  return [
    ...subjects.map((subject): MatrixPrincipal => ({ name: `subject ${subject}`, caller: { ...human, subject } })),
    ...groups.map((group): MatrixPrincipal => ({ name: `group ${group}`, caller: { ...human, groups: [group] } })),
    ...serviceAccounts.map((account): MatrixPrincipal => {
      const subject = `system:serviceaccount:${account.replace('/', ':')}`;
      return { name: `serviceAccount ${account}`, caller: { subject, subjectType: 'workload', groups: [] } };
    }),
    ...clientIds.map((clientId): MatrixPrincipal => ({ name: `client ${clientId}`, caller: { ...human, clientId } })),
  ];
}

/** Each namespace with a policy, and each workload that one names. */
function serversOf(objects: readonly SpecObject[]): readonly MatrixServer[] {
  const servers = objects.flatMap(({ namespace, spec: { namespaces = [], workloads = ['*'] } }) => {
    const own = namespace === '' ? (namespaces.length === 0 ? ['*'] : namespaces) : [namespace];
    return own.flatMap((name) => workloads.map((workload) => ({ namespace: name, workload })));
  });
  const named = new Map(servers.map((server) => [`${server.namespace}/${server.workload}`, server]));
  return [...named.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, server]) => server);
}

function toolsOf(objects: readonly SpecObject[]): readonly string[] {
  const patterns = objects.flatMap(({ spec: { rules = [], guards = [], limits = [] } }) => [
    ...[...rules, ...limits].flatMap(({ what }) => what?.tools ?? []),
    ...guards.flatMap(({ tools = [] }) => tools),
  ]);
  return [...new Set(patterns)].filter((pattern) => !/^\*+$/.test(pattern)).toSorted();
}
