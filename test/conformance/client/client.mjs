// The client under test, on npm @modelcontextprotocol/client: `node client.mjs URL`. What it does depends on the scenario
// that the suite names in its environment.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createLogins } from './oauth.mjs';

const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? 'initialize';
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? 'null');
const url = new URL(process.argv[2] ?? '');
const isModern = version >= '2026-07-28';

function createClient() {
  const client = new Client(
    { name: 'tachograph-conformance-client', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } } },
      versionNegotiation: { mode: isModern ? 'auto' : 'legacy' },
    },
  );
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    const asked = params.requestedSchema?.properties ?? {};
    return { action: 'accept', content: 'confirmed' in asked ? { confirmed: true } : {} };
  });
  return client;
}

/** A value for every argument that a tool requires. */
function argumentsFor({ inputSchema }) {
  const samples = { number: 2, integer: 2, boolean: true, string: 'text', object: {}, array: [] };
  const required = Object.entries(inputSchema.properties ?? {}).filter(([name]) =>
    inputSchema.required?.includes(name),
  );
  return Object.fromEntries(required.map(([name, { type }]) => [name, samples[type] ?? null]));
}

async function callAll(client) {
  const { tools } = await client.listTools();
  for (const tool of tools) await client.callTool({ name: tool.name, arguments: argumentsFor(tool) });
}

async function readAll(client) {
  await callAll(client);
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts) await client.getPrompt({ name });
}

async function callGiven(client) {
  await client.listTools();
  for (const call of context.toolCalls) await client.callTool(call);
}

async function echoSchema(client) {
  const { tools } = await client.listTools();
  const shown = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
  const echo = tools.find(({ inputSchema }) => inputSchema.properties?.schema !== undefined);
  await client.callTool({ name: echo.name, arguments: { schema: shown.inputSchema } });
}

async function retryInput(client) {
  const call = (name) => client.callTool({ name, arguments: {} });
  await client.listTools();
  await Promise.all([call('test_mrtr_echo_state'), call('test_mrtr_unrelated')]);
  await call('test_mrtr_no_state');
  await call('test_mrtr_no_result_type');
}

const runs = {
  initialize: (client) => client.listTools(),
  'request-metadata': (client) => client.listTools(),
  'json-schema-ref-no-deref': (client) => client.listTools(),
  'json-schema-2020-12-preservation': echoSchema,
  'http-standard-headers': readAll,
  'http-custom-headers': callGiven,
  'sep-2322-client-request-state': retryInput,
};

async function logInAndCall() {
  const logins = createLogins(url, scenario, context);
  const client = await logins.connect(createClient);
  await logins.call(() => callAll(client));
  await client.close();
}

async function run() {
  if (scenario.startsWith('auth/')) return logInAndCall();
  const client = createClient();
  await client.connect(new StreamableHTTPClientTransport(url));
  await (runs[scenario] ?? callAll)(client);
  return client.close();
}

await run();
