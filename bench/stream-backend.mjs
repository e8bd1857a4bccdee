// An MCP server that does nothing but hold streams open; told `keep-alive`, it sends a comment on each.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const open = new Set();

function openStream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write('id: 1\ndata:\n\n');
  open.add(response);
  response.once('close', () => open.delete(response));
}

const answer = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'streams', version: '1' } },
});

const server = createServer((request, response) => {
  if (request.method === 'GET') return openStream(response);
  request.resume();
  request.once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': randomUUID() }).end(answer);
  });
  return undefined;
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));

process.on('message', () => {
  for (const response of open) response.write(': keep-alive\n\n');
});
