// An MCP server that repeats what it is told and remembers what reached it: what ran without a record is so found.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';

const executed = new Set();

function resultOf({ method, params }) {
  if (method === 'initialize') {
    const serverInfo = { name: 'echo', version: '1' };
    return { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo, _meta: params?.['_meta'] ?? {} };
  }
  if (method !== 'tools/call') return {};
  return { content: [{ type: 'text', text: `Echo: ${params?.arguments?.message ?? ''}` }], isError: false };
}

function answer(request, response, text) {
  for (const [marker] of text.matchAll(/marker-\d+-end/g)) executed.add(marker);
  const message = JSON.parse(text);
  const session = request.headers['mcp-session-id'] ?? randomUUID();
  const body = JSON.stringify({ jsonrpc: '2.0', id: message.id ?? null, result: resultOf(message) });
  response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': session });
  response.end(body);
}

const server = createServer((request, response) => {
  if (request.url === '/executed') return response.end(JSON.stringify([...executed]));
  if (request.method !== 'POST') return response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  return request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
});
server.keepAliveTimeout = 120_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
