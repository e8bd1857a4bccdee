// An unmodified MCP client in a process of its own: `node sdk-client.mjs v1|v1-sse|v2|v2-modern URL`; prints what it saw as JSON.
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as StreamableV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as ClientV2, StreamableHTTPClientTransport as StreamableV2 } from '@modelcontextprotocol/client';

const [kind = 'v1', url = '', message = 'hello', token] = process.argv.slice(2);
const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
const options = { requestInit: { headers } };
const info = { name: `client-${kind}`, version: '1.0.0' };

const { client, transport } = {
  v1: () => ({ client: new ClientV1(info), transport: new StreamableV1(new URL(url), options) }),
  'v1-sse': () => ({ client: new ClientV1(info), transport: new SSEClientTransport(new URL(url), options) }),
  v2: () => ({ client: new ClientV2(info), transport: new StreamableV2(new URL(url), options) }),
  'v2-modern': () => ({
    client: new ClientV2(info, { versionNegotiation: { mode: 'auto' } }),
    transport: new StreamableV2(new URL(url), options),
  }),
}[kind]();

await client.connect(transport);
const { tools } = await client.listTools();
const result = await client.callTool({ name: 'echo', arguments: { message } });
if (kind === 'v1' || kind === 'v2') await transport.terminateSession?.();
await client.close();
process.stdout.write(`${JSON.stringify({ tools: tools.map(({ name }) => name), result })}\n`);
process.exit(0);
