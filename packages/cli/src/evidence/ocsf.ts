/** A call as an event of OCSF. Fields that are `undefined` are left out of its JSON. */
import { type ApiActivity, ocsfVersion, type Principal, type RecordIntegrity } from '@tachograph/protocol';
import { type Call, isDenied, isFailed, serverName } from './call-log.ts';
import type { PlacedRecord, StreamFacts } from './walk-archive.ts';

/** `version`: of this program. Never holds a body. The caller's address is not recorded: `src_endpoint` names the way in. */
export function toOcsf(call: Call, version: string): ApiActivity {
  const { request, status, durationMs } = call;
  const { record, server } = request;
  return {
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    ...activityOf(methodOf(request)),
    ...severityOf(call),
    ...statusOf(call),
    time: Date.parse(record.time),
    duration: durationMs === undefined ? undefined : Math.max(0, Math.round(durationMs)),
    message: `${methodOf(request)} ${targetOf(request)}`.trim(),
    actor: actorOf(request),
    api: apiOf(call),
    resources: resourcesOf(request),
    src_endpoint: { name: record.origin ?? 'unknown', svc_name: record.client?.name },
    dst_endpoint: { name: server?.pod ?? 'unknown', svc_name: serverName(server) },
    http_request: httpOf(request),
    http_response: status === undefined ? undefined : { code: status },
    message_context: {
      ai_role_id: 3,
      application: { name: clientOf(request) },
      service: { name: serverName(server) },
      uid: record.session,
    },
    metadata: metadataOf(request, version),
    unmapped: { record_integrity: integrityOf(request), ...unmappedOf(call) },
  };
}

type Part<Name extends keyof ApiActivity> = Pick<ApiActivity, Name>;

function methodOf({ record }: PlacedRecord): string {
  return record.mcp_method_name ?? 'unknown';
}

function targetOf({ record }: PlacedRecord): string {
  return record.gen_ai_tool_name ?? record.mcp_resource_uri ?? '';
}

function clientOf({ record }: PlacedRecord): string {
  return record.client?.name ?? record.principal?.client_id ?? 'unknown';
}

function activityOf(method: string): Part<'activity_id' | 'activity_name' | 'type_uid'> {
  const reads = /^(resources\/(read|list|templates\/list)|tools\/list|prompts\/(get|list))$/.test(method);
  return reads
    ? { activity_id: 2, activity_name: 'Read', type_uid: 600302 }
    : { activity_id: 99, activity_name: method, type_uid: 600399 };
}

/** Refused calls stand out; whether any is an attack, this does not say. */
function severityOf(call: Call): Part<'severity' | 'severity_id'> {
  if (isDenied(call)) return { severity_id: 3, severity: 'Medium' };
  return isFailed(call) ? { severity_id: 2, severity: 'Low' } : { severity_id: 1, severity: 'Informational' };
}

function statusOf(call: Call): Part<'status' | 'status_id' | 'status_code' | 'status_detail'> {
  const { outcome, errorType, request } = call;
  const reason = request.record.decision?.reason;
  const rest = { status_code: errorType, status_detail: reason === undefined ? outcome : `${outcome}: ${reason}` };
  if (outcome === 'unknown') return { status_id: 0, status: 'Unknown', ...rest };
  const failed = isFailed(call) || isDenied(call);
  return failed ? { status_id: 2, status: 'Failure', ...rest } : { status_id: 1, status: 'Success', ...rest };
}

const userTypes: Readonly<Record<Principal['type'], { readonly type: string; readonly type_id: 0 | 1 | 4 }>> = {
  human: { type: 'User', type_id: 1 },
  workload: { type: 'Service', type_id: 4 },
  ci: { type: 'Service', type_id: 4 },
  anonymous: { type: 'Unknown', type_id: 0 },
};

const nobody: Principal = { iss: '', sub: 'unknown', type: 'anonymous' };

function actorOf({ record }: PlacedRecord): ApiActivity['actor'] {
  const { principal = nobody, client, session } = record;
  const { iss, sub, type, client_id: appUid, groups } = principal;
  return {
    user: { uid: sub, name: sub, ...userTypes[type], groups: groups?.map((name) => ({ name })) },
    session: session === undefined ? undefined : { uid: session, issuer: iss },
    app_name: client?.name,
    app_uid: appUid,
  };
}

function apiOf({ request, status, errorType }: Call): ApiActivity['api'] {
  const { record, server } = request;
  const isAnswered = status !== undefined || errorType !== undefined;
  return {
    operation: record.gen_ai_tool_name ?? methodOf(request),
    version: record.mcp_protocol_version,
    service: { name: serverName(server), uid: server === undefined ? '' : uriOf(server) },
    request: { uid: record.jsonrpc_request_id ?? uidOf(request) },
    response: isAnswered ? { code: status, error: errorType } : undefined,
  };
}

function uriOf({ cluster, namespace, workload }: StreamFacts): string {
  return `tachograph://${cluster}/${namespace}/${workload}`;
}

/** Receivers know a record by it. */
function uidOf({ record }: PlacedRecord): string {
  return `${record.stream}:${record.seq}`;
}

function resourcesOf({ record }: PlacedRecord): ApiActivity['resources'] {
  const { gen_ai_tool_name: tool, mcp_resource_uri: uri } = record;
  const resources = [
    ...(tool === undefined ? [] : [{ name: tool, type: 'mcp.tool' }]),
    ...(uri === undefined ? [] : [{ name: uri, type: 'mcp.resource' }]),
  ];
  return resources.length === 0 ? undefined : resources;
}

function httpOf({ record: { http } }: PlacedRecord): ApiActivity['http_request'] {
  if (http === undefined) return undefined;
  return { http_method: http.method, url: http.path === undefined ? undefined : { path: http.path } };
}

function metadataOf(request: PlacedRecord, version: string): ApiActivity['metadata'] {
  const { record, server } = request;
  return {
    version: ocsfVersion,
    profiles: ['ai_operation'],
    product: { name: 'Tachograph', vendor_name: 'Tachograph', version },
    uid: uidOf(request),
    sequence: record.seq,
    original_time: record.time,
    log_name: `tachograph.dev/${server?.cluster ?? ''}`,
  };
}

function integrityOf({ record, hash, object, line, index }: PlacedRecord): RecordIntegrity {
  return {
    chain_uid: record.stream,
    sequence: record.seq,
    prev_event: record.prev,
    fingerprint: { algorithm_id: 3, algorithm: 'SHA-256', value: hash },
    object,
    line,
    log_index: index,
  };
}

function unmappedOf({ request: { record }, maskHits, outcome }: Call): Readonly<Record<string, unknown>> {
  return {
    method: record.mcp_method_name,
    outcome,
    mask_hits: maskHits,
    decision: record.decision,
    policy_bundle: record.bundle,
    traceparent: record.traceparent,
  };
}
