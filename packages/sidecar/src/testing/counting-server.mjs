// An MCP server of the stateless SDK that counts its calls: `node counting-server.mjs`; prints its port. `GET /count` asks.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { createMcpHandler, fromJsonSchema, inputRequired, McpServer } from '@modelcontextprotocol/server';

const calls = [];
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'counting', version: '1.0.0' });
  const inputSchema = fromJsonSchema({ type: 'object', properties: { message: { type: 'string' } } });
  server.registerTool('echo', { description: 'Says it again', inputSchema }, async ({ message }) => {
    calls.push(message);
    return { content: [{ type: 'text', text: `Echo: ${message}` }] };
  });
  server.registerTool('confirm', { description: 'Asks back first', inputSchema }, async ({ message }, { mcpReq }) => {
    const requestState = mcpReq.requestState();
    if (requestState === undefined) {
      const requestedSchema = { type: 'object', properties: { sure: { type: 'boolean' } } };
      const sure = inputRequired.elicit({ message: `Really ${message}?`, requestedSchema });
      return inputRequired({ inputRequests: { sure }, requestState: `asked about ${message}` });
    }
    calls.push(requestState);
    return { content: [{ type: 'text', text: `Confirmed: ${JSON.stringify(mcpReq.inputResponses)}` }] };
  });
  return server;
});

async function answerRequest(req, res) {
  if (req.url === '/count') return res.end(JSON.stringify(calls));
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const request = new Request(`http://${req.headers.host}${req.url}`, {
    method: req.method,
    headers: Object.entries(req.headers).map(([name, value]) => [name, String(value)]),
    ...(body.length === 0 ? {} : { body }),
  });
  const answer = await handler.fetch(request);
  res.writeHead(answer.status, Object.fromEntries(answer.headers));
  return answer.body === null ? res.end() : Readable.fromWeb(answer.body).pipe(res);
}

const server = createServer((req, res) => void answerRequest(req, res));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
