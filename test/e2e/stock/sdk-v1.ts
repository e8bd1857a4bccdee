import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { personProvider } from './person-provider.ts';
import type { StockClient } from './stock-client.ts';
import { echoedBy } from './tool-text.ts';

/** An application on the TypeScript SDK v1. */
export const sdkV1: StockClient = {
  name: 'TypeScript SDK v1',
  echo: async (call) => {
    const login = await personProvider('sdk-v1-app', call);
    const connect = async (): Promise<Client> => {
      const client = new Client({ name: 'sdk-v1-app', version: '1' });
      const transport = new StreamableHTTPClientTransport(new URL(call.url), { authProvider: login.provider });
      try {
        await client.connect(transport);
        return client;
      } catch (error) {
        if (!(error instanceof UnauthorizedError)) throw error;
        await transport.finishAuth((await login.code()).get('code') ?? '');
        return connect();
      }
    };
    try {
      const client = await connect();
      const result = await client.callTool({ name: 'echo', arguments: { message: call.message } });
      await client.close();
      return echoedBy(result);
    } finally {
      await login.close();
    }
  },
};
