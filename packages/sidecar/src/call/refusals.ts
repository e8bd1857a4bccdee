/** Every reason for which the sidecar refuses, with what the client gets: the one table. */

/** `code`: the JSON-RPC error code; own ones are positive, because -32768…-32000 is reserved (`mcp.md` §1). */
export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly text: string;
}

export const refusals = {
  target: { status: 400, code: -32600, text: 'the request target must be an absolute path' },
  host: { status: 403, code: 1403, text: 'the Host header names no host that this server answers for' },
  origin: { status: 403, code: 1403, text: 'the Origin header names a site that may not call this server' },
  host_count: { status: 400, code: -32600, text: 'a request has exactly one Host header' },
  header_count: { status: 431, code: 1431, text: 'the request has too many headers' },
  accept: { status: 406, code: 1406, text: 'a GET here opens a stream: it must accept text/event-stream' },
  unexpected_body: { status: 400, code: -32600, text: 'this method takes no body' },
  not_mcp: {
    status: 403,
    code: 1403,
    text: 'this is no MCP message, and tachograph.dev/passthrough does not list its method and path',
  },
  upgrade: { status: 403, code: 1403, text: 'tachograph.dev/passthrough does not list this WebSocket path' },
  content_encoding: {
    status: 400,
    code: -32700,
    text: 'the body must not be compressed: send it without Content-Encoding',
  },
  charset: { status: 400, code: -32700, text: 'the body must be UTF-8' },
  too_large: { status: 413, code: 1413, text: 'the body is larger than this server accepts' },
  json: { status: 400, code: -32700, text: 'the body cannot be read as JSON' },
  jsonrpc: { status: 400, code: -32600, text: 'the body is no JSON-RPC message' },
  header_mismatch: { status: 400, code: -32020, text: 'a header does not say what the body says' },
  handle: { status: 404, code: 1404, text: 'there is no such event or task' },
  session_owner: { status: 404, code: 1404, text: 'there is no such session' },
  uninspectable: {
    status: 400,
    code: 1400,
    text: 'the message cannot be inspected, or hides what must be masked where it cannot be',
  },
  masking: {
    status: 503,
    code: 1503,
    text: 'the message could not be masked now, so it is refused',
  },
  recorder: { status: 503, code: 1503, text: 'calls cannot be recorded now, so they are refused' },
  policy: { status: 503, code: 1503, text: 'there is no valid policy, so calls are refused' },
  credential: { status: 503, code: 1503, text: 'the credential towards the server is missing, so calls are refused' },
  identity: { status: 503, code: 1503, text: 'callers cannot be identified now, so calls are refused' },
  internal: { status: 503, code: 1503, text: 'the call could not be judged, so it is refused' },
  upstream: { status: 502, code: 1502, text: 'the MCP server did not answer' },
} as const satisfies Readonly<Record<string, Refusal>>;

export type RefusalName = keyof typeof refusals;

/** Codes of answers that replace a server's or a call's. */
export const answerCodes = { denied: 1403, held: 1202, limited: 1429, withheld: 1502, batch: 1424 } as const;

const failures: ReadonlySet<string> = new Set([
  'detector_failed',
  'mask_error',
  'mask_timeout',
  'mask_crash',
  'mask_busy',
  'recognizer_failed',
]);

/** Whether a message could not be masked now, or never can be. */
export function refusalOf(reason: string): 'masking' | 'uninspectable' {
  return failures.has(reason) ? 'masking' : 'uninspectable';
}
