// A tiny MCP backend: answers a tools/call with as many bytes as its `size` argument says, as JSON or as one SSE event.
import { createServer } from 'node:http';

const line = 'a row of plain text as a tool gives it, with an id 4711 and a path /var/log/app.log; ';
const texts = new Map();

function textOf(size) {
  if (!texts.has(size)) texts.set(size, line.repeat(Math.ceil(size / line.length)).slice(0, size));
  return texts.get(size);
}

function answerTo({ id, method, params }) {
  if (method === 'initialize') {
    const serverInfo = { name: 'bench', version: '1' };
    return { jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } };
  }
  const text = textOf(params.arguments.size);
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }], isError: false } };
}

function respond(response, message) {
  const json = JSON.stringify(answerTo(message));
  const isStream = message.params?.arguments?.stream === true;
  const body = isStream ? `event: message\nid: ${message.id}\ndata: ${json}\n\n` : json;
  response.writeHead(200, {
    'content-type': isStream ? 'text/event-stream' : 'application/json',
    ...(message.method === 'initialize' ? { 'mcp-session-id': 'bench-session-0001' } : {}),
    ...(isStream ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const message = JSON.parse(Buffer.concat(chunks).toString());
    if (message.id !== undefined) return respond(response, message);
    response.writeHead(202);
    return response.end();
  });
});
server.keepAliveTimeout = 120_000;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => process.send?.({ port: server.address().port }));
