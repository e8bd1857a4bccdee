/** Who may use which tool of which server, as policies say, and who did, as records say. */
import { possibleDecisions } from '@tachograph/policy';
import { type PolicyCall, toPolicyCaller } from '@tachograph/protocol';
import { compileFileBundle, type FileBundle } from '../policy/file-bundle.ts';
import {
  createMatrix,
  type MatrixPrincipal,
  type MatrixServer,
  otherTools,
  type SpecObject,
} from '../policy/matrix.ts';
import { type BucketAccess, bucketRights } from './bucket-rights.ts';
import { type Call, isDenied, serverName } from './call-log.ts';
import { type ClusterAccess, clusterRights } from './cluster-rights.ts';
import type { Row, TableDraft, TableKind } from './evidence-table.ts';
import type { StreamFacts } from './walk-archive.ts';

export const accessMatrix: TableKind = {
  name: 'access-matrix',
  title: 'Access-control matrix',
  about:
    'Basis "policy": a right that the given policies state, for the principals, servers and tools that they or the given lists name; what the same subject did there stands beside it. Basis "use": a principal that used a tool in the period without such a row, with what the given policies say of exactly that caller. Without policies the rights are empty. Basis "rbac": a right of the cluster by which somebody gets past the recorder or changes what it does; "rule" is the role, "policy" the binding, "conditional" one for named objects only. Basis "iam": who holds which role on the bucket of the archive, by its own policy; "policy" is the condition. "first_use" and "last_use" lie in the period.',
  columns: [
    'basis',
    'principal',
    'principal_type',
    'issuer',
    'server',
    'tool',
    'right',
    'conditional',
    'softest',
    'rule',
    'policy',
    'calls',
    'denied',
    'first_use',
    'last_use',
    'last_outcome',
    'last_record',
  ],
};

/** Policies and lists, as `tacho policy matrix` takes them. */
export interface MatrixInputs {
  readonly objects: readonly SpecObject[];
  readonly cluster: string;
  readonly principals?: readonly MatrixPrincipal[];
  readonly servers?: readonly MatrixServer[];
}

interface Use {
  readonly principal: NonNullable<Call['request']['record']['principal']>;
  readonly server: StreamFacts;
  readonly tool: string;
  calls: number;
  denied: number;
  firstUse: string;
  lastUse: string;
  lastOutcome: string;
  lastRecord: string;
}

export interface AccessMatrix {
  readonly totals: {
    readonly rights: number;
    readonly uses: number;
    readonly cluster: number;
    readonly bucket: number;
  };
  takeCall(call: Call): void;
  /** Writes the rows. Throws `policy_malformed` where policies cannot be merged. */
  write(table: TableDraft, inputs: MatrixInputs | undefined, platform?: PlatformAccess): Promise<void>;
}

/** Rights that no policy of ours states. `namespace`: where only one is looked at. */
export interface PlatformAccess {
  readonly cluster?: ClusterAccess | undefined;
  readonly bucket?: BucketAccess | undefined;
  readonly namespace?: string | undefined;
}

/** Memory grows with principals × servers × tools that were used, not with calls. */
export function createAccessMatrix(): AccessMatrix {
  const uses = new Map<string, Use>();
  const totals = { rights: 0, uses: 0, cluster: 0, bucket: 0 };
  return {
    totals,
    takeCall(call) {
      const { record, server } = call.request;
      const { principal, gen_ai_tool_name: tool } = record;
      if (principal === undefined || server === undefined || tool === undefined) return;
      const key = JSON.stringify([principal.iss, principal.sub, serverName(server), tool]);
      const known = uses.get(key) ?? newUse(call, { principal, server, tool });
      uses.set(key, known);
      countUse(known, call);
    },
    async write(table, inputs, platform = {}) {
      totals.uses = uses.size;
      const shown = inputs === undefined ? new Set<Use>() : await writeRights(table, inputs, [...uses.values()]);
      const rights = inputs === undefined ? undefined : createRights(inputs);
      totals.rights = table.count;
      for (const use of uses.values()) {
        if (shown.has(use)) continue;
        table.add({ basis: 'use', ...useNames(use), ...(await rights?.(use)), ...useFacts(use) });
      }
      const { cluster, bucket, namespace } = platform;
      totals.cluster = addRows(table, cluster === undefined ? [] : clusterRights(cluster, namespace));
      totals.bucket = addRows(table, bucket === undefined ? [] : bucketRights(bucket));
    },
  };
}

function addRows(table: TableDraft, rows: Iterable<Row>): number {
  const before = table.count;
  for (const row of rows) table.add(row);
  return table.count - before;
}

function newUse(call: Call, who: Pick<Use, 'principal' | 'server' | 'tool'>): Use {
  const time = isoOf(call);
  return { ...who, calls: 0, denied: 0, firstUse: time, lastUse: '', lastOutcome: '', lastRecord: '' };
}

function countUse(use: Use, call: Call): void {
  const time = isoOf(call);
  const { stream, seq } = call.request.record;
  use.calls += 1;
  if (isDenied(call)) use.denied += 1;
  if (time < use.firstUse) use.firstUse = time;
  if (time < use.lastUse) return;
  use.lastUse = time;
  use.lastOutcome = call.outcome;
  use.lastRecord = `${stream}:${seq}`;
}

function isoOf({ request: { record } }: Call): string {
  return new Date(Date.parse(record.time)).toISOString();
}

function useNames({ principal, server, tool }: Use): Row {
  return {
    principal: principal.sub,
    principal_type: principal.type,
    issuer: principal.iss,
    server: serverName(server),
    tool,
  };
}

function useFacts(use: Use): Row {
  const { calls, denied, firstUse, lastUse, lastOutcome, lastRecord } = use;
  return {
    calls,
    denied,
    first_use: firstUse,
    last_use: lastUse,
    last_outcome: lastOutcome,
    last_record: lastRecord,
  };
}

/** Rows of the policies; answers the uses that stand in one. */
async function writeRights(table: TableDraft, inputs: MatrixInputs, uses: readonly Use[]): Promise<Set<Use>> {
  const byPlace = Map.groupBy(uses, ({ principal, server, tool }) => placeOf(principal.sub, serverName(server), tool));
  const shown = new Set<Use>();
  const subjects = new Map(inputs.principals?.map(({ name, caller }) => [name, caller.subject]));
  for (const { principal, server, tool, ...right } of await createMatrix(inputs.objects, inputs)) {
    const subject = subjects.get(principal) ?? subjectNamed(principal);
    const own = tool === otherTools ? [] : (byPlace.get(placeOf(subject, server, tool)) ?? []);
    const row: Row = { basis: 'policy', principal, server, tool, ...right };
    if (own.length === 0) table.add({ ...row, calls: 0, denied: 0 });
    for (const use of own) {
      shown.add(use);
      table.add({ ...row, principal_type: use.principal.type, issuer: use.principal.iss, ...useFacts(use) });
    }
  }
  return shown;
}

/** Of `subject alice` and `serviceAccount ns/name`, as a matrix names whom policies name. */
function subjectNamed(principal: string): string {
  const account = /^serviceAccount ([^/]+)\/(.+)$/.exec(principal);
  if (account !== null) return `system:serviceaccount:${account[1] ?? ''}:${account[2] ?? ''}`;
  return principal.startsWith('subject ') ? principal.slice('subject '.length) : '';
}

function placeOf(subject: string, server: string, tool: string): string {
  return JSON.stringify([subject, server, tool]);
}

/** What the policies say of exactly this caller. */
function createRights({ objects, cluster }: MatrixInputs): (use: Use) => Promise<Row> {
  const bundles = new Map<string, Promise<FileBundle>>();
  return async ({ principal, server, tool }) => {
    const name = serverName(server);
    const { namespace, workload } = server;
    const compiled = bundles.get(name) ?? compileFileBundle(objects, { cluster, namespace, workload });
    bundles.set(name, compiled);
    const { bundle, guards } = await compiled;
    const call: PolicyCall = { method: 'tools/call', tool, ...toPolicyCaller(principal) };
    const possible = possibleDecisions(bundle, guards, call);
    const [hardest] = possible;
    return {
      right: hardest?.verdict ?? 'allow',
      conditional: possible.some(({ conditional }) => conditional),
      softest: possible.at(-1)?.verdict ?? 'allow',
      rule: hardest?.rule,
      policy: hardest?.policy,
    };
  };
}
