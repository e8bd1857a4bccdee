/** A call as a line of the Common Event Format, version 0. */
import { type Call, isDenied, isFailed, serverName } from './call-log.ts';

/** Between bars: bars and backslashes are escaped, nothing breaks the line. */
function header(text: string): string {
  return oneLine(text).replaceAll(/[\\|]/g, (char) => `\\${char}`);
}

/** After `=`: equals signs and backslashes are escaped, line breaks spelled. */
function value(text: string): string {
  return text
    .replaceAll(/[\\=]/g, (char) => `\\${char}`)
    .replaceAll(/\r\n|[\n\r\u2028\u2029\u0085]/g, '\\n')
    .replaceAll(/\p{Cc}/gu, ' ');
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** One line without its line break. `fields` that are `undefined` are left out. */
export function cefLine(
  event: { readonly version: string; readonly id: string; readonly name: string; readonly severity: number },
  fields: Readonly<Record<string, string | number | undefined>>,
): string {
  const { version, id, name, severity } = event;
  const head = ['CEF:0', 'Tachograph', 'Tachograph', header(version), header(id), header(name), severity];
  const extension = Object.entries(fields).flatMap(([key, field]) =>
    field === undefined || field === '' ? [] : [`${key}=${value(String(field))}`],
  );
  return `${head.join('|')}|${extension.join(' ')}`;
}

/** Severity 0 to 10: 6 for a refused call, 4 for one that failed, else 1. */
export function toCef(call: Call, version: string): string {
  const { record } = call.request;
  const { mcp_method_name: method = 'unknown', gen_ai_tool_name: tool, mcp_resource_uri: uri } = record;
  const severity = isDenied(call) ? 6 : isFailed(call) ? 4 : 1;
  return cefLine(
    { version, id: method, name: tool ?? uri ?? method, severity },
    { ...factsOf(call), ...customOf(call) },
  );
}

type Fields = Readonly<Record<string, string | number | undefined>>;

function factsOf({ request: { record, server }, outcome, errorType }: Call): Fields {
  const { principal, decision, http, client } = record;
  return {
    rt: Date.parse(record.time),
    externalId: `${record.stream}:${record.seq}`,
    suser: principal?.sub,
    suid: principal?.iss,
    dhost: server?.pod,
    dproc: serverName(server),
    app: 'mcp',
    act: decision?.verdict,
    outcome,
    reason: decision?.reason ?? errorType,
    requestMethod: http?.method,
    requestClientApplication: client?.name,
  };
}

function customOf({ request: { record, server, hash, index }, maskHits }: Call): Fields {
  const { decision } = record;
  return {
    ...custom(1, 'tool', record.gen_ai_tool_name),
    ...custom(2, 'rule', [decision?.policy, decision?.rule].filter(Boolean).join(' ')),
    ...custom(3, 'session', record.session),
    ...custom(4, 'recordSha256', hash),
    ...custom(5, 'traceparent', record.traceparent),
    ...custom(6, 'cluster', server?.cluster),
    cn1Label: 'maskHits',
    cn1: maskHits,
    cn2Label: 'logIndex',
    cn2: index,
  };
}

function custom(number: number, label: string, text: string | undefined): Fields {
  return text === undefined || text === '' ? {} : { [`cs${number}Label`]: label, [`cs${number}`]: text };
}
