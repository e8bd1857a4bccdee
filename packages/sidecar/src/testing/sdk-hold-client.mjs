// An unmodified MCP client that makes one call: `node sdk-hold-client.mjs v1|v2|v2-modern|v2-pages|v2-forms URL MESSAGE TOKEN [TIMEOUT [TOOL]]`; prints what it saw as JSON.
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as StreamableV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as ClientV2, StreamableHTTPClientTransport as StreamableV2 } from '@modelcontextprotocol/client';

const [kind = 'v1', url = '', message = 'hello', token = '', timeout = '60000', tool = 'echo'] = process.argv.slice(2);
const options = { requestInit: { headers: { authorization: `Bearer ${token}` } } };
const info = { name: `client-${kind}`, version: '1.0.0' };
const pages = [];
const progress = [];

function v2(more = {}) {
  return new ClientV2(info, more);
}

const client = {
  v1: () => new ClientV1(info),
  v2: () => v2(),
  'v2-modern': () => v2({ versionNegotiation: { mode: 'auto' } }),
  'v2-pages': () => {
    const one = v2({ versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { url: {} } } });
    one.setRequestHandler('elicitation/create', async ({ params }) => {
      pages.push(params.url);
      return { action: 'accept' };
    });
    return one;
  },
  'v2-forms': () => {
    const one = v2({ versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } });
    one.setRequestHandler('elicitation/create', async ({ params }) => {
      pages.push(params.message);
      return { action: 'accept', content: { sure: true } };
    });
    return one;
  },
}[kind]();
const transport = new (kind === 'v1' ? StreamableV1 : StreamableV2)(new URL(url), options);

let seen;
try {
  await client.connect(transport);
  const call = { name: tool, arguments: { message } };
  const how = { timeout: Number(timeout), onprogress: ({ message: text }) => progress.push(text) };
  seen = { result: await (kind === 'v1' ? client.callTool(call, undefined, how) : client.callTool(call, how)) };
} catch (error) {
  seen = { error: String(error?.message ?? error) };
}
process.stdout.write(`${JSON.stringify({ ...seen, pages, progress })}\n`);
process.exit(0);
