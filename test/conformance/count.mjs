// Messages on the wire at both sides = messages recorded.
import { missingFrom } from './compare.mjs';

const recordedKinds = {
  'mcp.request': 'request',
  'mcp.response': 'response',
  'mcp.notification': 'notification',
  'mcp.stream_chunk': 'chunk',
};

/** A response names no method on the wire, where its record does; and an id of null is none. */
const keyOf = ({ direction, kind, method, id }) =>
  [direction, kind, kind === 'response' ? '' : (method ?? ''), id === 'null' ? '' : (id ?? '')].join(' ');

const recordedKey = (record) =>
  keyOf({
    direction: record.dir,
    kind: recordedKinds[record.kind],
    method: record.mcp_method_name,
    id: record.jsonrpc_request_id,
  });

const messagesIn = (exchanges) => exchanges.flatMap((exchange) => named(exchange).map(keyOf));

/** An error without an id answers the only request of its exchange; its record says so. */
function named({ messages }) {
  const requests = messages.filter(({ direction, kind }) => direction === 'c2s' && kind === 'request');
  return messages.map((one) =>
    one.kind === 'response' && one.id === 'null' && requests.length === 1 ? { ...one, id: requests[0].id } : one,
  );
}

/** A denied call is answered by the sidecar, with 200: its messages are recorded, and never reach the server. */
const isDenied = (exchange) => exchange.status === 200 && exchange.messages.length > 0;

/** Refusals of strangers are summed up, those of known callers are records of their own. */
function refusalsIn(records) {
  const summed = records
    .filter(({ kind }) => kind === 'auth.refused')
    .flatMap(({ detail }) => detail.refused)
    .map(({ count }) => count);
  const own = records.filter(({ kind, outcome }) => kind === 'http.exchange' && outcome === 'refused').length;
  return summed.reduce((sum, count) => sum + count, own);
}

/** Of an exchange that the client broke off, what the server said last may have reached nobody. */
function certain(exchanges, aborted) {
  return exchanges.map((exchange) =>
    aborted.has(exchange.number)
      ? { ...exchange, messages: exchange.messages.filter(({ direction }) => direction === 'c2s') }
      : exchange,
  );
}

/** What both taps saw and what the sidecar recorded, in numbers, and every difference in words. */
export function countMessages({ client, server, records }) {
  const reached = new Set(server.map(({ number }) => number));
  const forwarded = client.filter(({ number }) => reached.has(number));
  const own = client.filter(({ number }) => !reached.has(number));
  const denied = messagesIn(own.filter(isDenied));
  const recorded = records.filter(({ kind }) => kind in recordedKinds).map(recordedKey);
  const [near, far] = [messagesIn(forwarded), messagesIn(server)];
  const aborted = new Set(client.flatMap(({ number, aborted: by }) => (by === 'client' ? [number] : [])));
  const must = messagesIn(certain(server, aborted));
  const refused = own.length - own.filter(isDenied).length;
  const differences = [
    ...missingFrom([...must, ...denied], recorded).map((key) => `not recorded: ${key}`),
    ...missingFrom(recorded, [...far, ...denied]).map((key) => `recorded, on no wire: ${key}`),
    ...missingFrom(must, near).map((key) => `not on the client’s wire: ${key}`),
    ...missingFrom(near, far).map((key) => `only on the client’s wire: ${key}`),
    ...(refused === refusalsIn(records) ? [] : [`refused: ${refused} exchanges, ${refusalsIn(records)} recorded`]),
  ];
  return {
    exchanges: client.length,
    refused,
    denied: denied.length,
    client: near.length,
    server: far.length,
    recorded: recorded.length,
    differences,
  };
}

/** Of several sidecars, one row. */
export function addCounts(counts) {
  const total = { exchanges: 0, refused: 0, denied: 0, client: 0, server: 0, recorded: 0 };
  for (const one of counts) for (const name of Object.keys(total)) total[name] += one[name];
  return { ...total, differences: counts.flatMap(({ differences }) => differences) };
}
