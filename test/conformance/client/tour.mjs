// An unmodified SDK v1 client goes everywhere in server-everything: `node tour.mjs streamableHttp|sse URL`. One line of JSON
// for each stop says what the client saw; what differs from run to run (ids, times) is left out.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { once, EventEmitter } from 'node:events';

const [kind = 'streamableHttp', url = ''] = process.argv.slice(2);
const heard = new EventEmitter();
const capabilities = { elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } };
const client = new Client({ name: 'tachograph-tour', version: '1.0.0' }, { capabilities });
const transport = new (kind === 'sse' ? SSEClientTransport : StreamableHTTPClientTransport)(new URL(url));

client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
  heard.emit('elicitation', params.message);
  return { action: 'accept', content: { name: 'Ada', interpretation: 'snake' } };
});
client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({
  model: 'none',
  role: 'assistant',
  content: { type: 'text', text: `heard: ${params.messages[0].content.text}` },
}));
client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: [{ uri: 'file:///tour', name: 'tour' }] }));
client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => heard.emit('log', params.level));
client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => heard.emit('updated', params.uri));

/** Ids and times are another's in every run. */
function withoutChance(value) {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/[0-9a-f]{32}/g, '<id>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replaceAll(/\d{1,2}:\d\d:\d\d(?: [AP]M)?/g, '<clock>'),
  );
}

const call = (name, args = {}, options) => client.callTool({ name, arguments: args }, CallToolResultSchema, options);

async function withProgress() {
  const steps = [];
  const onprogress = ({ progress, total }) => steps.push(`${progress}/${total}`);
  const result = await call('trigger-long-running-operation', { duration: 0.3, steps: 3 }, { onprogress });
  // The last one may come with the answer, and clients then drop it.
  return { steps: steps.slice(0, 2), result };
}

/** The client says `notifications/cancelled`; the session goes on. */
async function cancelled() {
  const controller = new AbortController();
  const onprogress = () => controller.abort('enough');
  const long = { duration: 2, steps: 20 };
  const error = await call('trigger-long-running-operation', long, { onprogress, signal: controller.signal }).catch(
    ({ message }) => message,
  );
  return { error, alive: await client.ping() };
}

async function subscription() {
  const { resources } = await client.listResources();
  const { uri } = resources[0];
  await client.subscribeResource({ uri });
  const updated = once(heard, 'updated');
  await call('toggle-subscriber-updates');
  const [said] = await updated;
  await call('toggle-subscriber-updates');
  await client.unsubscribeResource({ uri });
  return { uri, said };
}

async function logging() {
  await client.setLoggingLevel('debug');
  const logged = once(heard, 'log');
  await call('toggle-simulated-logging');
  await logged;
  await call('toggle-simulated-logging');
  return 'logged';
}

/** A task that asks its client in the middle. */
async function task() {
  const seen = new Set();
  const request = { name: 'simulate-research-query', arguments: { topic: 'python', ambiguous: true } };
  for await (const message of client.experimental.tasks.callToolStream(request, CallToolResultSchema, { task: {} })) {
    if (message.type === 'taskCreated') seen.add(`created: ${message.task.status}`);
    if (message.type === 'error') return { error: message.error.message };
    if (message.type === 'result') return { seen: [...seen], result: message.result };
  }
  return 'no result';
}

async function taskCancelled() {
  const request = { name: 'simulate-research-query', arguments: { topic: 'tea', ambiguous: false } };
  for await (const message of client.experimental.tasks.callToolStream(request, CallToolResultSchema, { task: {} })) {
    if (message.type !== 'taskCreated') continue;
    const { status } = await client.experimental.tasks.cancelTask(message.task.taskId);
    const { tasks } = await client.experimental.tasks.listTasks();
    return { status, listed: tasks.length };
  }
  return 'no task';
}

const stops = {
  tools: async () => (await client.listTools()).tools.map(({ name }) => name),
  prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
  templates: () => client.listResourceTemplates(),
  echo: () => call('echo', { message: 'grüße' }),
  image: () => call('get-tiny-image'),
  structured: () => call('get-structured-content', { location: 'Chicago' }),
  'unknown tool': () => call('nobody-has-it').catch(({ message }) => message),
  progress: withProgress,
  cancelled,
  elicitation: () => call('trigger-elicitation-request'),
  sampling: () => call('trigger-sampling-request', { prompt: 'say something' }),
  roots: () => call('get-roots-list'),
  subscription,
  logging,
  task,
  'task cancelled': taskCancelled,
  'many at once': () => Promise.all(Array.from({ length: 20 }, (_, at) => call('get-sum', { a: at, b: 1 }))),
};

await client.connect(transport);
console.log(JSON.stringify({ stop: 'connect', saw: withoutChance(client.getServerVersion()) }));
for (const [stop, visit] of Object.entries(stops)) {
  const saw = await Promise.resolve(visit()).catch((error) => `failed: ${error.message}`);
  console.log(JSON.stringify({ stop, saw: withoutChance(saw) }));
}
if (kind !== 'sse') await transport.terminateSession();
await client.close();
