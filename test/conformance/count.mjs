// Messages on the wire at both sides = messages recorded.
import { missingFrom } from './compare.mjs';

const recordedKinds = {
  'mcp.request': 'request',
  'mcp.response': 'response',
  'mcp.notification': 'notification',
  'mcp.stream_chunk': 'chunk',
};

/** A response names no method on the wire; its record does. */
const keyOf = ({ direction, kind, method, id }) =>
  [direction, kind, kind === 'response' ? '' : (method ?? ''), id ?? ''].join(' ');

const recordedKey = (record) =>
  keyOf({
    direction: record.dir,
    kind: recordedKinds[record.kind],
    method: record.mcp_method_name,
    id: record.jsonrpc_request_id,
  });

const messagesIn = (exchanges) => exchanges.flatMap(({ messages }) => messages.map(keyOf));

/** Refusals of strangers are summed up, those of known callers are records of their own. */
function refusalsIn(records) {
  const summed = records
    .filter(({ kind }) => kind === 'auth.refused')
    .flatMap(({ detail }) => detail.refused)
    .map(({ count }) => count);
  const own = records.filter(({ kind, outcome }) => kind === 'http.exchange' && outcome === 'refused').length;
  return summed.reduce((sum, count) => sum + count, own);
}

/** What both taps saw and what the sidecar recorded, in numbers, and every difference in words. */
export function countMessages({ client, server, records }) {
  const reached = new Set(server.map(({ number }) => number));
  const forwarded = client.filter(({ number }) => reached.has(number));
  const recorded = records.filter(({ kind }) => kind in recordedKinds).map(recordedKey);
  const [near, far] = [messagesIn(forwarded), messagesIn(server)];
  const refused = client.length - forwarded.length;
  const differences = [
    ...missingFrom(far, recorded).map((key) => `not recorded: ${key}`),
    ...missingFrom(recorded, far).map((key) => `recorded, not on the server’s wire: ${key}`),
    ...missingFrom(far, near).map((key) => `not on the client’s wire: ${key}`),
    ...missingFrom(near, far).map((key) => `only on the client’s wire: ${key}`),
    ...(refused === refusalsIn(records) ? [] : [`refused: ${refused} exchanges, ${refusalsIn(records)} recorded`]),
  ];
  return {
    exchanges: client.length,
    refused,
    client: near.length,
    server: far.length,
    recorded: recorded.length,
    differences,
  };
}
