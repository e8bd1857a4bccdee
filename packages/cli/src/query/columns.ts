/** The columns of the views: said, never guessed, so that a body stays the text that it is. */

/** Of `records`, beside the partition columns. */
export const recordColumns: Readonly<Record<string, string>> = {
  v: 'INTEGER',
  stream: 'VARCHAR',
  seq: 'BIGINT',
  prev: 'VARCHAR',
  time: 'VARCHAR',
  mono_ns: 'BIGINT',
  kind: 'VARCHAR',
  session: 'VARCHAR',
  dir: 'VARCHAR',
  origin: 'VARCHAR',
  exchange: 'BIGINT',
  mcp_method_name: 'VARCHAR',
  gen_ai_tool_name: 'VARCHAR',
  mcp_resource_uri: 'VARCHAR',
  jsonrpc_request_id: 'VARCHAR',
  mcp_protocol_version: 'VARCHAR',
  mcp_session_id_hmac: 'VARCHAR',
  traceparent: 'VARCHAR',
  error_type: 'VARCHAR',
  outcome: 'VARCHAR',
  principal: 'JSON',
  client: 'JSON',
  decision: 'JSON',
  bundle: 'VARCHAR',
  mask: 'JSON',
  http: 'JSON',
  sse: 'JSON',
  raw_hmac: 'VARCHAR',
  detail: 'JSON',
  enc: 'VARCHAR',
  body: 'VARCHAR',
  blob: 'JSON',
};

/** Of `sessions`: the manifests, each revision a row. */
export const sessionColumns: Readonly<Record<string, string>> = {
  v: 'INTEGER',
  session: 'VARCHAR',
  rev: 'INTEGER',
  stream: 'VARCHAR',
  workload: 'VARCHAR',
  pod: 'VARCHAR',
  principal: 'JSON',
  client: 'JSON',
  correlation: 'VARCHAR',
  opened: 'VARCHAR',
  ended: 'VARCHAR',
  closed: 'VARCHAR',
  count: 'BIGINT',
  first: 'BIGINT',
  last: 'BIGINT',
  root: 'VARCHAR',
  segments: 'JSON',
};

/** From the object's name. */
export const partitionColumns: Readonly<Record<string, string>> = {
  cluster: 'VARCHAR',
  namespace: 'VARCHAR',
  dt: 'VARCHAR',
};
