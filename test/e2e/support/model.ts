import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A language model in the place of Anthropic's: it calls one tool once, then says that it is done. */
export interface ScriptedModel {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** What the tool gave the model, as it arrived. */
  readonly results: readonly string[];
  close(): Promise<void>;
}

interface Block {
  readonly type: string;
  readonly content?: unknown;
}

interface Asked {
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages?: readonly { readonly content: string | readonly Block[] }[];
}

/** `tool` is the name that the client gives to the server's tool. */
export async function scriptedModel(tool: string, input: Record<string, unknown>): Promise<ScriptedModel> {
  const results: string[] = [];
  const server = createServer((req, res) => void answer(req, res, { tool, input, results }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    results,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Script {
  readonly tool: string;
  readonly input: Record<string, unknown>;
  readonly results: string[];
}

async function answer(req: IncomingMessage, res: ServerResponse, script: Script): Promise<void> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  if (req.method !== 'POST' || !(req.url ?? '').startsWith('/v1/messages')) {
    res.writeHead(404).end();
    return;
  }
  const asked = JSON.parse(text) as Asked;
  const message = toMessage(blockFor(asked, script));
  if (asked.stream === true) stream(res, message);
  else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}

type Said = { type: 'text'; text: string } | { type: 'tool_use'; id: string; name: string; input: object };
type Message = ReturnType<typeof toMessage>;

/** The tool while there is no result yet and the request offers it; side requests (titles, checks) get words. */
function blockFor({ tools = [], messages = [] }: Asked, { tool, input, results }: Script): Said {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  const given = blocks.filter(({ type }) => type === 'tool_result').map(({ content }) => JSON.stringify(content));
  if (given.length > 0) {
    results.push(...given);
    return { type: 'text', text: `done: ${given.at(-1)}` };
  }
  if (!tools.some(({ name }) => name === tool)) return { type: 'text', text: `no tool ${tool}` };
  return { type: 'tool_use', id: 'toolu_01scripted', name: tool, input };
}

function toMessage(said: Said) {
  return {
    id: 'msg_01scripted',
    type: 'message',
    role: 'assistant',
    model: 'scripted',
    content: [said] as const,
    stop_reason: said.type === 'text' ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function stream(res: ServerResponse, message: Message): void {
  const [said] = message.content;
  const empty = said.type === 'text' ? { ...said, text: '' } : { ...said, input: {} };
  const delta =
    said.type === 'text'
      ? { type: 'text_delta', text: said.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(said.input) };
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: empty },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: message.stop_reason, stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ];
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  res.end();
}
