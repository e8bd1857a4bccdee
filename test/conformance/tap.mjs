// A transparent proxy: nothing is changed (Host least of all), an `Authorization` and a number may be added; every
// message is written down as it passed.
import { createServer, request } from 'node:http';
import { eventsOf, messagesOf } from './wire.mjs';

/** Carries an exchange's number from the tap in front to the tap behind. */
const numberHeader = 'x-conformance-exchange';

/**
 * Listens on loopback and forwards to `port`. `authorization`: added where the client sends none; `numbers`: exchanges
 * that carry no number get one. `exchanges` grows by one entry for each exchange that has ended.
 */
export async function startTap({ port, authorization, numbers = false }) {
  const exchanges = [];
  let last = 0;
  const server = createServer((req, res) => {
    const number = req.headers[numberHeader] ?? (numbers ? String((last += 1)) : undefined);
    relay({ req, res, port, exchanges, number, added: addedHeaders(req, { authorization, number }) });
  });
  server.requestTimeout = 0;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    exchanges,
    close: async () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function relay({ req, res, port, exchanges, number, added }) {
  const exchange = { number, method: req.method, target: req.url, status: undefined, messages: [], aborted: undefined };
  const sent = collect(req);
  const upstream = request({
    port,
    host: '127.0.0.1',
    method: req.method,
    path: req.url,
    headers: [...keptHeaders(req), ...added],
    setHost: false,
    agent: false,
  });
  let received;
  const end = once(() => {
    exchange.messages.push(...messagesOf('c2s', sent()), ...(received?.() ?? []));
    exchanges.push(exchange);
  });
  upstream.on('response', (answer) => {
    exchange.status = answer.statusCode;
    received = collectAnswer(answer);
    res.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
    res.flushHeaders();
    answer.pipe(res);
    answer.on('error', () => undefined);
    answer.on('close', () => {
      if (!answer.complete) {
        exchange.aborted ??= 'server';
        res.destroy();
      }
    });
  });
  upstream.on('error', () => {
    exchange.aborted ??= 'server';
    res.destroy();
  });
  res.on('close', () => {
    if (!res.writableFinished) exchange.aborted ??= 'client';
    upstream.destroy();
    end();
  });
  req.pipe(upstream);
}

/** The connection is the tap's own: none is used twice. */
function keptHeaders({ rawHeaders }) {
  const kept = rawHeaders.filter((_, at) => rawHeaders[at - (at % 2)].toLowerCase() !== 'connection');
  return [...kept, 'connection', 'close'];
}

function addedHeaders({ headers }, { authorization, number }) {
  const added = [];
  if (authorization !== undefined && headers.authorization === undefined) added.push('authorization', authorization);
  if (number !== undefined && headers[numberHeader] === undefined) added.push(numberHeader, number);
  return added;
}

function collect(stream) {
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

function collectAnswer(answer) {
  const text = collect(answer);
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
  return () => (isStream ? eventsOf(text()) : messagesOf('s2c', text()));
}

function once(action) {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
