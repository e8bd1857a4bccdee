import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What a model would read of a tool call. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** An unmodified client of either SDK. */
export interface ToolClient {
  call(tool: string, args: Record<string, unknown>, progress?: string[]): Promise<ToolAnswer>;
  /** Names and descriptions. */
  tools(): Promise<Readonly<Record<string, string | undefined>>>;
  /** What it was asked to open, and opened. */
  readonly pages: readonly string[];
  close(): Promise<void>;
}

export async function sdkV1(port: number, token: string): Promise<ToolClient> {
  const client = new ClientV1({ name: 'sdk-v1', version: '1' });
  await client.connect(new TransportV1(urlOf(port), { requestInit: { headers: headersOf(token) } }));
  return {
    call: async (name, args, progress = []) =>
      answerOf(
        await client.callTool({ name, arguments: args }, undefined, {
          onprogress: ({ message = '' }) => progress.push(message),
        }),
      ),
    tools: async () => described((await client.listTools()).tools),
    pages: [],
    close: async () => client.close(),
  };
}

export async function sdkV2(port: number, token: string): Promise<ToolClient> {
  return connectedV2(new ClientV2({ name: 'sdk-v2', version: '1' }), { port, token });
}

/** Of the stateless revision. */
export async function sdkV2Stateless(port: number, token: string): Promise<ToolClient> {
  const client = new ClientV2({ name: 'sdk-v2-stateless', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  return connectedV2(client, { port, token });
}

/** The same, whose user opens pages. */
export async function sdkV2Pages(port: number, token: string): Promise<ToolClient> {
  const client = new ClientV2(
    { name: 'sdk-v2-pages', version: '1' },
    { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { url: {} } } },
  );
  const pages: string[] = [];
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    if ('url' in params) pages.push(params.url);
    return { action: 'accept' };
  });
  return connectedV2(client, { port, token, pages });
}

interface Connection {
  readonly port: number;
  readonly token: string;
  readonly pages?: readonly string[];
}

async function connectedV2(client: ClientV2, { port, token, pages = [] }: Connection): Promise<ToolClient> {
  await client.connect(new TransportV2(urlOf(port), { requestInit: { headers: headersOf(token) } }));
  return {
    call: async (name, args, progress = []) =>
      answerOf(
        await client.callTool({ name, arguments: args }, { onprogress: ({ message = '' }) => progress.push(message) }),
      ),
    tools: async () => described((await client.listTools()).tools),
    pages,
    close: async () => client.close(),
  };
}

function urlOf(port: number): URL {
  return new URL(`http://localhost:${port}/mcp`);
}

function headersOf(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function answerOf(result: object): ToolAnswer {
  const { content = [], isError = false } = result as { content?: { text?: string }[]; isError?: boolean };
  return { text: content.map(({ text = '' }) => text).join('\n'), isError };
}

function described(
  tools: readonly { name: string; description?: string | undefined }[],
): Record<string, string | undefined> {
  return Object.fromEntries(tools.map(({ name, description }) => [name, description]));
}
