/** Events as OTLP/HTTP JSON: an `ExportLogsServiceRequest` (opentelemetry-proto 1.x, JSON mapping). */
import { severityOf, type SinkEvent } from './sink-event.ts';

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } };

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** Record fields whose names are OpenTelemetry's with `_` for `.`; all others stand under `tachograph.`. */
const conventional: Readonly<Record<string, string>> = {
  mcp_method_name: 'mcp.method.name',
  gen_ai_tool_name: 'gen_ai.tool.name',
  mcp_resource_uri: 'mcp.resource.uri',
  mcp_protocol_version: 'mcp.protocol.version',
  jsonrpc_request_id: 'jsonrpc.request.id',
  error_type: 'error.type',
};

/** The request's body. Logs of one pod share a resource. `sentAt`: RFC 3339. */
export function toOtlp(events: readonly SinkEvent[], sentAt: string): string {
  const groups = Map.groupBy(events, ({ place }) =>
    JSON.stringify([place.cluster, place.namespace, place.workload, place.pod]),
  );
  const resourceLogs = [...groups.values()].map((group) => ({
    resource: { attributes: resourceOf(group[0]) },
    scopeLogs: [{ scope: { name: 'dev.tachograph' }, logRecords: group.map((event) => toLogRecord(event, sentAt)) }],
  }));
  return JSON.stringify({ resourceLogs });
}

function resourceOf(event: SinkEvent | undefined): readonly KeyValue[] {
  const { cluster, namespace, workload, pod } = event?.place ?? {};
  const texts = {
    'service.name': 'tachograph',
    'k8s.cluster.name': cluster,
    'k8s.namespace.name': namespace,
    'k8s.pod.name': pod,
    'tachograph.workload': workload,
  };
  return Object.entries(texts).flatMap(([key, text]) =>
    text === undefined ? [] : [{ key, value: { stringValue: text } }],
  );
}

function toLogRecord(event: SinkEvent, sentAt: string): object {
  const severity = severityOf(event);
  const { facts, id, type, time, body } = event;
  return {
    timeUnixNano: nanosOf(time),
    observedTimeUnixNano: nanosOf(sentAt),
    severityNumber: severity.number,
    severityText: severity.text,
    eventName: `tachograph.${type}`,
    body: { stringValue: body ?? summaryOf(event) },
    attributes: [{ key: 'log.record.uid', value: { stringValue: id } }, ...attributesOf(facts)],
    ...traceOf(facts['traceparent']),
  };
}

/** One line for people: what was called, and how it ended. */
function summaryOf({ type, facts }: SinkEvent): string {
  const names = ['mcp_method_name', 'gen_ai_tool_name', 'outcome', 'action', 'reason'];
  return [type, ...names.flatMap((name) => (typeof facts[name] === 'string' ? [facts[name]] : []))].join(' ');
}

function attributesOf(facts: SinkEvent['facts']): readonly KeyValue[] {
  return Object.entries(facts).flatMap(([name, value]) => flatten(conventional[name] ?? `tachograph.${name}`, value));
}

/** Objects become dotted names; lists keep their objects as JSON. */
function flatten(key: string, value: unknown): readonly KeyValue[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') return [{ key, value: scalarOf(value) }];
  if (Array.isArray(value)) return [{ key, value: { arrayValue: { values: value.map(scalarOf) } } }];
  return Object.entries(value).flatMap(([name, inner]) => flatten(`${key}.${name}`, inner));
}

function scalarOf(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { stringValue: JSON.stringify(value) };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Nanoseconds since 1970; records carry milliseconds. */
function nanosOf(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? '0' : `${ms}000000`;
}

function traceOf(traceparent: unknown): { readonly traceId?: string; readonly spanId?: string } {
  const [, traceId, spanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(String(traceparent)) ?? [];
  return traceId === undefined || spanId === undefined ? {} : { traceId, spanId };
}
